import { resolve } from 'node:path'
import { type PluginOption, type UserConfig, defineConfig } from 'vite'

const frontend = resolve(import.meta.dirname, '..')

interface App {
  /** Folder under `apps/`, and under `dist/` once built. */
  name: string
  /** Path the service mounts it at, with a slash at both ends. */
  base: string
  plugins?: PluginOption[]
  /** Anything that only this app needs; wins over the shared settings. */
  overrides?: UserConfig
}

/**
 * The one Vite configuration of all apps: Preact's JSX without Babel, output in `dist/<name>`, and nothing inlined,
 * because the service's content security policy has neither 'unsafe-inline' nor data: scripts and styles.
 */
export function defineApp({ name, base, plugins = [], overrides = {} }: App) {
  const shared: UserConfig = {
    root: resolve(frontend, 'apps', name),
    base,
    plugins,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: resolve(frontend, 'dist', name),
      emptyOutDir: true,
      target: ['es2022', 'safari16.4'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: true,
    },
    server: { proxy: proxied },
  }
  return defineConfig({ ...shared, ...overrides, build: { ...shared.build, ...overrides.build } })
}

/** `npm run dev -w apps/<name>` talks to a service started by `make run`. */
const service = 'http://localhost:8000'
const proxied = {
  '/graphql': { target: service, ws: true },
  ...Object.fromEntries(['/login', '/passkey', '/web', '/token', '/authorize', '/till/pair', '/card'].map((path) => [path, service])),
}
