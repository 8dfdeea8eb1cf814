import '@stampbook/ui/styles.css'
import { applyBrand, applyKeptBrand } from '@stampbook/ui'
import { render } from 'preact'
import { App } from './app.tsx'
import { Desk } from './session/desk.ts'

applyKeptBrand()
const desk = new Desk()
desk.listen(() => desk.state.programme && void applyBrand(desk.state.programme.brandHue))
render(<App desk={desk} />, document.getElementById('app') as HTMLElement)
void desk.start()
