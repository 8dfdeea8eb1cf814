// openid-client against our provider. Prints where the browser must go, reads where it came back, prints what came of it.
import { createInterface } from 'node:readline/promises'
import * as client from 'openid-client'

const [issuer, clientId, secret, redirectUri] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = (value) => console.log(JSON.stringify(value))

const execute = [client.allowInsecureRequests]
const config = await client.discovery(new URL(issuer), clientId, undefined, client.ClientSecretPost(secret), { execute })
const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const nonce = client.randomNonce()
const to = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'openid email points:read',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
})
say({ url: to.href })
const back = new URL((await lines.next()).value)
const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
const tokens = await client.authorizationCodeGrant(config, back, checks)
const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
const seen = await client.tokenIntrospection(config, refreshed.access_token)
// A denied request carries `iss` too, or this library refuses it.
say({ url: client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri, scope: 'openid', prompt: 'none', login_hint: 'somebody@else.example', state,
  code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
}).href })
let denied = null
try {
  await client.authorizationCodeGrant(config, new URL((await lines.next()).value), { pkceCodeVerifier: verifier, expectedState: state })
} catch (error) {
  denied = error.error
}
await client.tokenRevocation(config, refreshed.refresh_token)
const after = await client.tokenIntrospection(config, refreshed.access_token)
say({
  sub: tokens.claims().sub, email: info.email, rotated: refreshed.refresh_token !== tokens.refresh_token,
  active: seen.active, activeAfterRevocation: after.active, denied,
  logout: client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }).pathname,
})
process.exit(0)
