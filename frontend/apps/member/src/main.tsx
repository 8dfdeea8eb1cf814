import '@stampbook/ui/styles.css'
import { render } from 'preact'

render(<h1>Stampbook</h1>, document.getElementById('app') as HTMLElement)
