/** @jsxImportSource react */
import { GraphiQL } from 'graphiql'
import 'graphiql/style.css'
import { createRoot } from 'react-dom/client'
import { fetcher } from './fetcher.ts'
import './page.css'

const FIRST_QUERY = `# Signed in on one of our pages, you are signed in here.
# To ask with a token, write under "Headers" below:
# { "Authorization": "Bearer …" }

query Programme {
  programme {
    name
    tiers {
      name
    }
  }
  serverTime
}
`

const root = document.getElementById('app')
if (root) createRoot(root).render(<GraphiQL fetcher={fetcher} defaultQuery={FIRST_QUERY} defaultEditorToolsVisibility={false} />)
