export interface Recent {
  id: string
  name: string
}

const most = 8
const key = 'stampbook.console.recent'

/** The list with this member first, each once. */
export function withRecent(list: readonly Recent[], seen: Recent): Recent[] {
  return [seen, ...list.filter(({ id }) => id !== seen.id)].slice(0, most)
}

/** Who was looked at last on this device, the latest first; a damaged list is an empty one. */
export function recents(): Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isRecent).slice(0, most) : []
  } catch {
    return []
  }
}

export const keepRecents = (list: readonly Recent[]): void => localStorage.setItem(key, JSON.stringify(list))
export const forgetRecents = (): void => localStorage.removeItem(key)

const isRecent = (value: unknown): value is Recent =>
  typeof value === 'object' && value !== null && typeof (value as Recent).id === 'string' && typeof (value as Recent).name === 'string'
