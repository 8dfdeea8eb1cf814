/** Leaves `package-lock.json` without any host: what npm adds about funding is none of a build's business. */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

const path = resolve(import.meta.dirname, '../package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
for (const entry of Object.values(lock.packages)) {
  delete entry.funding
  if (entry.resolved?.includes('://')) delete entry.resolved
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
