import { StampbookBalance } from './element.ts'

if (!customElements.get('stampbook-balance')) customElements.define('stampbook-balance', StampbookBalance)
