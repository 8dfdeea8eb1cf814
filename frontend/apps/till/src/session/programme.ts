import type { TillHomeQuery } from '../generated/graphql.ts'
import type { Database } from '../storage/database.ts'

/** What the till must know of its programme to work while the line is down. */
export type Programme = TillHomeQuery['programme']

const FACT = 'programme'

export function loadProgramme(database: Database): Promise<Programme | undefined> {
  return database.fact<Programme>(FACT)
}

export function keepProgramme(database: Database, programme: Programme): Promise<void> {
  return database.keep(FACT, programme)
}
