import { VitePWA } from 'vite-plugin-pwa'
import { defineApp } from '../../build/app.ts'
import { budget } from '../../build/budget.ts'

/** What a kept card needs to appear, what a new one needs besides, and what comes right after: one file each, since a dozen small ones compress worse. */
const first = /vite\/preload-helper|node_modules\/preact\/|lean-qr|packages\/card\/src\/(?:base32|bytes|checks|clock|code|qr|storage|token)|packages\/gql\/src\/store|packages\/ui\/src\/(?:brand-page|defaults|router|i18n\/(?!spans)|components\/(?:icons\.|mark|skeleton|tabs))|member\/src\/(?:app|i18n\/(?:index|en)\.|shell\/(?:context|later|lazy)|wallet\/(?:code|wallet)|screens\/card\/(?:card-face|card-screen|qr|ring|rotating))/
const service = /packages\/card\/src\/(?:index|device|keys|read)|packages\/gql\/src\/(?!live|passkey|proofs)|generated\/documents\/(?:home|card)|member\/src\/wallet\/(?!changes)/
const later = /packages\/ui\/src\/(?!brand\.)|packages\/gql\/src\/live|generated\/documents\/changes|member\/src\/(?:later\.|wallet\/changes|shell\/(?!step-up)|screens\/card\/)/
const script = (of: RegExp) => (id: string) => of.test(id) && !id.endsWith('.css')

export default defineApp({
  name: 'member',
  base: '/',
  overrides: {
    // A screen's own file asks for the others when it comes: their names are not part of the first load.
    build: { modulePreload: { polyfill: false, resolveDependencies: (_file, needed, { hostType }) => (hostType === 'js' ? needed.filter((name) => name.endsWith('.css')) : needed) }, rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', test: script(first), priority: 3, includeDependenciesRecursively: false }, { name: 'service', test: script(service), priority: 2, includeDependenciesRecursively: false }, { name: 'later', test: script(later), priority: 1, includeDependenciesRecursively: false }] } } } },
  },
  plugins: [
    budget('index.html', 25, { kept: [], 'new here': [/\/service-/], ...Object.fromEntries(['de', 'es', 'ar'].map((language) => [`new here, ${language}`, [/\/service-/, new RegExp(`/${language}-(?!rest)`)]])) }),
    VitePWA({
      strategies: 'generateSW',
      // The page registers it itself: an injected inline script would need a hole in the security policy.
      injectRegister: false,
      registerType: 'prompt',
      filename: 'sw.js',
      manifestFilename: 'manifest.webmanifest',
      manifest: {
        id: '/',
        name: 'Stampbook',
        short_name: 'Stampbook',
        description: 'Your card, points and rewards.',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        orientation: 'portrait',
        background_color: '#f5f6f5',
        theme_color: '#00853b',
        icons: [
          { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
          { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
          { src: '/icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
        shortcuts: [
          { name: 'Show card', url: '/', icons: [{ src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' }] },
          { name: 'Rewards', url: '/rewards', icons: [{ src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' }] },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg,png,webmanifest}'],
        navigateFallback: '/index.html',
        // Only the wallet's own screens are answered from the cache; every other page of the service is its own.
        navigateFallbackAllowlist: [/^\/(?:(?:rewards|activity|you|join|claim)(?:\/[^/]*)*)?(?:\?.*)?$/],
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        inlineWorkboxRuntime: true,
        sourcemap: false,
      },
    }),
  ],
})
