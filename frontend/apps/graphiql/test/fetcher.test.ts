import { describe, expect, it } from 'vitest'
import { connectionParams } from '../src/fetcher.ts'

describe('what a socket is opened with', () => {
  it('carries the token under the name that the service reads, however it is written', () => {
    expect(connectionParams({ Authorization: 'Bearer t' })).toEqual({ authorization: 'Bearer t' })
    expect(connectionParams({ authorization: 'Bearer t', other: 'x' })).toEqual({ authorization: 'Bearer t' })
  })

  it('leaves the cookie to speak where there is no token', () => {
    expect(connectionParams(undefined)).toBeUndefined()
    expect(connectionParams({ authorization: 7 })).toBeUndefined()
  })
})
