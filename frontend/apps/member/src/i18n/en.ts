import type { Catalog } from '@stampbook/ui/i18n/messages.ts'

/** The words of the card itself: part of the first load. */
export const en = {
  'nav.label': 'Wallet',
  'nav.card': 'Card',
  'nav.rewards': 'Rewards',
  'nav.activity': 'Activity',
  'nav.you': 'You',
  'skip': 'Skip to content',

  'offline.card': 'Offline. Your card still works.',

  'loading': 'Loading',

  'card.title': 'Your card',
  'card.code': 'Card code for {name}, renews by itself every 30 seconds',
  'card.codeStatic': 'Card number as a code',
  'card.number': 'Card number',
  'card.expand': 'Show card full screen',
  'card.preparing': 'Your card is being prepared',
  'card.noDevice': 'This device has no card code yet. Show the number, or come back when you are online.',
  'card.renews': 'Your code renews every 30 seconds',
  'card.blocked': 'This card is blocked. Ask in the shop or write to us.',
} as const satisfies Catalog
