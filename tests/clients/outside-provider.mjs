// An OpenID provider that we did not write, for our relying party to sign in with.
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'

const port = Number(process.env.PORT)
const us = process.env.RELYING_PARTY
const issuer = `http://127.0.0.1:${port}`
const { privateKey } = await generateKeyPair('RS256', { extractable: true })
// Anybody may sign in: the word before the dash says what the provider says of the address.
const kinds = {
  staff: (name) => ({ email: `${name}@corp.example`, email_verified: true }),
  unverified: (name) => ({ email: `${name}@corp.example`, email_verified: false }),
  elsewhere: (name) => ({ email: `${name}@elsewhere.example`, email_verified: true }),
}
const claimsOf = (id) => {
  const [kind, name] = id.split('-')
  return kinds[kind] && { sub: id, name, ...kinds[kind](name) }
}
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'loyalty',
    client_secret: 'rp-secret-rp-secret-rp-secret-32',
    redirect_uris: [`${us}/login/idp/corp/callback`],
    post_logout_redirect_uris: [`${us}/`],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'client_secret_basic',
    backchannel_logout_uri: `${us}/idp/corp/backchannel`,
    backchannel_logout_session_required: true,
  }],
  // Always the same key id, as careless providers do when they restart.
  jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'idp-1', use: 'sig', alg: 'RS256' }] },
  cookies: { keys: ['test-only'] },
  responseTypes: ['code'],
  pkce: { required: () => true },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false,
  findAccount: (context, id) => claimsOf(id) && { accountId: id, claims: async () => claimsOf(id) },
  features: {
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
  },
  // The provider's own guard refuses loopback.
  fetch: (url, options) => globalThis.fetch(url, { ...options, dispatcher: undefined }),
  ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Session: 3600, Interaction: 600, Grant: 3600 },
})
provider.on('server_error', (context, error) => console.error(error))
provider.on('backchannel.error', (context, error) => console.error(error.cause ?? error))
provider.listen(port, '127.0.0.1', () => console.log('listening'))
