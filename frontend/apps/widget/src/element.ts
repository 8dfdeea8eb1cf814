import { ApiError, createClient } from '@stampbook/gql'
import { WidgetBalanceDocument, type WidgetBalanceQuery } from './generated/graphql.ts'
import { nextReward } from './next-reward.ts'
import { SignIn } from './sign-in.ts'
import { styles } from './styles.ts'
import { type Say, speaker } from './words.ts'

type View =
  | { kind: 'waiting' }
  | { kind: 'signedOut' }
  | { kind: 'member'; data: WidgetBalanceQuery }
  | { kind: 'unreachable' }

/**
 * `<stampbook-balance service="https://points.example" client-id="shop">` shows a member's points in somebody else's shop.
 *
 * What stands inside the element is shown without JavaScript: a link. The shop's server may hand out tokens instead of
 * the sign-in by redirect: set the property `tokens` to a function that answers one. Parts to style: `box`, `points`,
 * `next`, `button`.
 */
export class StampbookBalance extends HTMLElement {
  static readonly observedAttributes = ['service', 'client-id']

  /** Where a token of the shop's own server comes from; undefined = sign in by redirect. */
  tokens: (() => Promise<string | undefined>) | undefined
  #signIn: SignIn | undefined
  #root = this.attachShadow({ mode: 'open' })

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [styles()]
    void this.refresh()
  }

  get service(): string {
    return new URL(this.getAttribute('service') ?? import.meta.url).origin
  }

  /** Asks again, e.g. after an order of the shop was paid. */
  async refresh(): Promise<void> {
    this.#signIn ??= new SignIn(this.service, this.getAttribute('client-id') ?? 'storefront')
    this.#show({ kind: 'waiting' })
    try {
      const token = await (this.tokens?.() ?? this.#signIn.token())
      if (token) return this.#show({ kind: 'member', data: await this.#ask(token) })
      if (!this.tokens && this.#signIn.worthTrying) return await this.#signIn.start({ silent: true })
      this.#show({ kind: 'signedOut' })
    } catch (error) {
      const ended = error instanceof ApiError && error.kind === 'signedOut'
      if (ended) this.#signIn.forget()
      this.#show({ kind: ended ? 'signedOut' : 'unreachable' })
    }
  }

  #ask(token: string): Promise<WidgetBalanceQuery> {
    const url = `${this.service}/graphql`
    const ours = this.tokens === undefined
    const client = createClient({
      url,
      authorization: () => `${ours ? 'DPoP' : 'Bearer'} ${token}`,
      fetch: async (target, init) => {
        const headers = new Headers(init?.headers)
        if (ours && this.#signIn) headers.set('DPoP', await this.#signIn.proof('POST', url, token))
        return fetch(target, { ...init, headers })
      },
    })
    return client.request(WidgetBalanceDocument)
  }

  #show(view: View): void {
    const say = speaker(this.closest('[lang]')?.getAttribute('lang') ?? navigator.language)
    const box = part('div', 'box')
    box.setAttribute('aria-busy', String(view.kind === 'waiting'))
    if (view.kind === 'waiting') box.append(part('span', 'points', '\u00a0'), part('span', 'next', '\u00a0'))
    else if (view.kind === 'signedOut') box.append(this.#button(say('signIn'), () => void this.#signIn?.start()))
    else if (view.kind === 'unreachable') box.append(part('span', 'next', say('offline')), this.#link(say('wallet')))
    else box.append(...this.#facts(view.data, say))
    this.#root.replaceChildren(box)
  }

  #facts({ programme, viewer }: WidgetBalanceQuery, say: Say): HTMLElement[] {
    if (!viewer) return [this.#link(say('join', { programme: programme.name }))]
    const { active } = viewer.balance
    const number = new Intl.NumberFormat(this.closest('[lang]')?.getAttribute('lang') ?? undefined)
    const points = part('span', 'points')
    const strong = part('strong', 'number', number.format(active))
    points.append(strong, ` ${active === 1 ? programme.pointsNameOne : programme.pointsNameOther}`)
    return [points, part('span', 'next', nextReward(viewer.rewards.nodes, active, number, say)), this.#link(say('open'))]
  }

  #button(text: string, press: () => void): HTMLElement {
    const button = part('button', 'button', text)
    button.addEventListener('click', press)
    return button
  }

  #link(text: string): HTMLElement {
    const link = part('a', 'button', text)
    link.setAttribute('href', `${this.service}/rewards`)
    return link
  }
}

function part(tag: string, name: string, text = ''): HTMLElement {
  const element = document.createElement(tag)
  element.setAttribute('part', name)
  element.textContent = text
  return element
}
