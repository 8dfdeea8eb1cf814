const key = 'stampbook.claim'

/** The claim code that the link of a receipt (`/claim/<code>`) brought here, kept until the person has joined. */
export function claimCode(): string | undefined {
  const found = /^\/claim\/([^/]+)/.exec(location.pathname)?.[1]
  if (found) sessionStorage.setItem(key, decodeURIComponent(found))
  return sessionStorage.getItem(key) ?? undefined
}

export const forgetClaimCode = () => sessionStorage.removeItem(key)
