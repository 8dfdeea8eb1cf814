const key = 'stampbook.claim'

/** The claim code a receipt's link brought here, kept until the person has joined: `/claim/<code>`, `/join?claim=` or `#claim=`. */
export function claimCode(): string | undefined {
  const { pathname, search, hash } = location
  const found = /^\/claim\/([^/]+)/.exec(pathname)?.[1] ?? new URLSearchParams(search).get('claim') ?? /#claim=([^&]+)/.exec(hash)?.[1]
  if (found) sessionStorage.setItem(key, decodeURIComponent(found))
  return sessionStorage.getItem(key) ?? undefined
}

export const forgetClaimCode = () => sessionStorage.removeItem(key)
