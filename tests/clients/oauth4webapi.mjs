// oauth4webapi with DPoP, and jose reading the access token, against our provider.
import { createInterface } from 'node:readline/promises'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'

const [issuer, clientId, redirectUri] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = (value) => console.log(JSON.stringify(value))
const insecure = { [oauth.allowInsecureRequests]: true }

const url = new URL(issuer)
const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { ...insecure, algorithm: 'oauth2' }))
const client = { client_id: clientId }
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const nonce = oauth.generateRandomNonce()
const to = new URL(as.authorization_endpoint)
to.search = new URLSearchParams({
  client_id: clientId,
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'openid points:read',
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
}).toString()
say({ url: to.href })
const parameters = oauth.validateAuthResponse(as, client, new URL((await lines.next()).value), state)
const codeAnswer = await oauth.authorizationCodeGrantRequest(
  as, client, oauth.None(), parameters, redirectUri, verifier, { ...insecure, DPoP })
const tokens = await oauth.processAuthorizationCodeResponse(as, client, codeAnswer, { expectedNonce: nonce, requireIdToken: true })
await oauth.validateApplicationLevelSignature(as, codeAnswer, insecure)
const resource = await oauth.protectedResourceRequest(
  tokens.access_token, 'GET', new URL(`${issuer}/whoami`), undefined, undefined, { ...insecure, DPoP })
const refreshAnswer = await oauth.refreshTokenGrantRequest(
  as, client, oauth.None(), tokens.refresh_token, { ...insecure, DPoP })
const refreshed = await oauth.processRefreshTokenResponse(as, client, refreshAnswer)
const { payload, protectedHeader } = await jwtVerify(tokens.access_token, createRemoteJWKSet(new URL(as.jwks_uri)), {
  issuer, audience: 'urn:stampbook:member', typ: 'at+jwt', algorithms: ['ES256'],
})
say({
  type: tokens.token_type, bound: typeof payload.cnf.jkt === 'string', typ: protectedHeader.typ,
  sub: payload.sub, resource: await resource.json(), rotated: refreshed.refresh_token !== tokens.refresh_token,
})
process.exit(0)
