import { VitePWA } from 'vite-plugin-pwa'
import { defineApp } from '../../build/app.ts'
import { budget } from '../../build/budget.ts'

/** What the card needs to appear, in one file: a dozen small ones compress worse and come later. */
const first = /node_modules\/preact\/|packages\/card\/|lean-qr|packages\/gql\/src\/(?!live|passkey)|generated\/documents\/home|member\/src\/(?:i18n\/(?:index|en)\.ts|shell\/(?:context|glyph|lazy|mark|sign-in-again)|wallet\/(?:session|wallet)|screens\/card\/(?!card-full|wake-lock))|packages\/ui\/src\/(?:i18n|router|brand-page|defaults|components\/(?:icons|rows|progress|button|banner|toasts|tabs|states))/

export default defineApp({
  name: 'member',
  base: '/',
  overrides: {
    build: { rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', test: (id) => first.test(id) && !id.endsWith('.css'), includeDependenciesRecursively: false }] } } } },
  },
  plugins: [
    budget('index', 25),
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
