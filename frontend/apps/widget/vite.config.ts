import { resolve } from 'node:path'
import { defineApp } from '../../build/app.ts'
import { budget } from '../../build/budget.ts'

const here = import.meta.dirname

export default defineApp({
  name: 'widget',
  base: '/widget/',
  plugins: [budget('balance.js', 8)],
  overrides: {
    build: {
      rolldownOptions: {
        // Shops write the script's address into their pages, so it has no hash in its name.
        input: { balance: resolve(here, 'src/balance.ts'), storefront: resolve(here, 'storefront.html') },
        output: { entryFileNames: ({ name }) => (name === 'balance' ? 'balance.js' : 'assets/[name]-[hash].js') },
        preserveEntrySignatures: 'strict',
      },
    },
  },
})
