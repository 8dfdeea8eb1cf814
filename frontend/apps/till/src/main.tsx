import '@stampbook/ui/styles.css'
import './styles/till.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { startUpdates } from './updates.ts'

startUpdates()
render(<App />, document.getElementById('app') as HTMLElement)
