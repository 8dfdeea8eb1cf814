import type { Catalog } from '@stampbook/ui'

/** The words of the card and what surrounds it: part of the first load. */
export const en = {
  'points': { one: '{n} point', other: '{n} points' },
  'nav.label': 'Wallet',
  'nav.card': 'Card',
  'nav.rewards': 'Rewards',
  'nav.activity': 'Activity',
  'nav.you': 'You',
  'skip': 'Skip to content',
  'asOf': 'As of {when}',

  'offline.card': 'Offline. Your card still works.',

  'ended.title': 'You have been signed out',
  'ended.body': 'What you see is from {when}. Sign in to continue where you were.',
  'signIn': 'Sign in',
  'loading': 'Loading',

  'update.ready': 'A new version is ready.',
  'update.use': 'Use it now',

  'card.title': 'Your card',
  'card.code': 'Card code for {name}, renews by itself every 30 seconds',
  'card.codeStatic': 'Card number as a code',
  'card.number': 'Card number',
  'card.expand': 'Show card full screen',
  'card.close': 'Close',
  'card.brighter': 'Hold it towards the scanner. If it does not read, turn your screen brighter.',
  'card.notScanning': 'Not scanning? Show the number as a code',
  'card.rotating': 'Show the card code again',
  'card.preparing': 'Your card is being prepared',
  'card.noDevice': 'This device has no card code yet. Show the number, or come back when you are online.',
  'card.renews': 'Your code renews every 30 seconds',
  'card.blocked': 'This card is blocked. Ask in the shop or write to us.',
  'card.balance': 'Your points',
  'card.ready': 'Ready to use',
  'card.readyCode': 'Reserved. Show its code at the till.',
  'card.readyNone': 'Nothing yet. Your next reward is {points} away.',
  'card.allRewards': 'All rewards',

  'tier.toNext': '{points} to {tier} by {day}',
  'tier.top': 'You hold the highest tier until {day}.',
  'tier.kept': 'You keep {tier} until {day}.',
  'tier.progress': 'Progress to {tier}',
  'tier.of': '{have} of {need}',

  'facts.label': 'Your points in detail',
  'facts.pending': 'On the way',
  'facts.pendingOn': 'Yours on {day}',
  'facts.pendingSoon': 'Yours soon',
  'facts.expiring': 'Expiring next',
  'facts.expiringOn': 'On {day}',
  'facts.reserved': 'Reserved',
  'facts.reservedHint': 'Held for rewards you chose',
  'facts.deficit': 'To be earned back',
  'facts.deficitHint': 'A return took more points than you had. New points fill this first.',
} as const satisfies Catalog
