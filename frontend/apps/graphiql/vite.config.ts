import { defineApp } from '../../build/app.ts'

export default defineApp({
  name: 'graphiql',
  base: '/graphql/',
  overrides: {
    build: {
      // A developer's tool on the developer's own machine: its size is no user's wait.
      chunkSizeWarningLimit: 1500,
      reportCompressedSize: false,
      rolldownOptions: {
        onLog(level, log, handle) {
          // React's libraries mark their modules for servers that render; there is none here.
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log)
        },
      },
    },
  },
})
