import { VitePWA } from 'vite-plugin-pwa'
import { defineApp } from '../../build/app.ts'

export default defineApp({
  name: 'member',
  base: '/',
  plugins: [
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
