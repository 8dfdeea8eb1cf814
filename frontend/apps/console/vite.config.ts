import { defineApp } from '../../build/app.ts'

export default defineApp({ name: 'console', base: '/console/' })
