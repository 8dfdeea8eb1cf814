import './first.css'
import { applyKeptBrand } from '@stampbook/ui/brand-page.ts'
import { render } from 'preact'
import { App } from './app.tsx'
import { loadLocale, preferredLanguage } from './i18n/index.ts'
import { loadService } from './shell/later.ts'
import { Wallet } from './wallet/wallet.ts'

const wallet = new Wallet()
const restored = wallet.restore()
applyKeptBrand()
const language = preferredLanguage()
await Promise.all([restored, loadLocale(language)])
// A code that can be made here is shown before anything else is done; without one it takes the service to show anything.
if (!wallet.state.firstCode) void loadService(wallet)
render(<App wallet={wallet} locale={await loadLocale(language, wallet.state.programme?.timeZone)} />, document.getElementById('app') as HTMLElement)
