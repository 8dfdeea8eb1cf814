import '@stampbook/ui/styles.css'
import { applyBrand, applyKeptBrand } from '@stampbook/ui'
import { render } from 'preact'
import { App } from './app.tsx'
import { englishLocale, loadLocale, preferredLanguage } from './i18n/index.ts'
import { Wallet } from './wallet/wallet.ts'

applyKeptBrand()
const wallet = new Wallet()
wallet.listen(() => wallet.state.programme && void applyBrand(wallet.state.programme.brandHue))
const language = preferredLanguage()
const [locale] = await Promise.all([language === 'en' ? englishLocale() : loadLocale(language), wallet.restore()])
render(<App wallet={wallet} locale={locale} />, document.getElementById('app') as HTMLElement)
// What keeps the app on the device comes after what it is opened for.
void wallet.start().then(async () => {
  if (import.meta.env.PROD) await (await import('./shell/update.ts')).watchForUpdates(wallet)
})
