import { VitePWA } from 'vite-plugin-pwa'
import { defineApp } from '../../build/app.ts'
import { budget } from '../../build/budget.ts'

export default defineApp({
  name: 'till',
  base: '/till/',
  plugins: [
    // 40 kB of scripts and 6 of page and styles, in any language; the decoder comes with the camera.
    budget('index.html', 46, { English: [/\/en-/], Spanish: [/\/es-/], German: [/\/de-/], Arabic: [/\/ar-/] }),
    VitePWA({
      strategies: 'generateSW',
      // The page registers it itself: an injected inline script would need a hole in the security policy.
      injectRegister: false,
      registerType: 'prompt',
      filename: 'sw.js',
      manifestFilename: 'manifest.webmanifest',
      manifest: {
        id: '/till/',
        name: 'Stampbook till',
        short_name: 'Till',
        description: 'Scan, ring up and hand over rewards.',
        start_url: '/till/',
        scope: '/till/',
        display: 'standalone',
        background_color: '#f5f6f5',
        theme_color: '#00853b',
        icons: [{ src: '/till/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
      workbox: {
        // The decoder too: a till that starts without the line must still read codes.
        globPatterns: ['**/*.{js,css,html,svg,webmanifest,wasm}'],
        navigateFallback: '/till/index.html',
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        inlineWorkboxRuntime: true,
        sourcemap: false,
      },
    }),
  ],
})
