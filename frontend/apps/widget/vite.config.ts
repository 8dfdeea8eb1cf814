import { defineApp } from '../../build/app.ts'

export default defineApp({
  name: 'widget',
  base: '/widget/',
  overrides: {
    build: { rolldownOptions: { input: { balance: 'src/balance.ts' }, output: { entryFileNames: '[name].js' } } },
  },
})
