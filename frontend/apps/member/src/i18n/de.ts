import type { Translation } from '@stampbook/ui/i18n/messages.ts'
import type { en } from './en.ts'

export const de: Translation<typeof en> = {
  'nav.label': 'Wallet',
  'nav.card': 'Karte',
  'nav.rewards': 'Prämien',
  'nav.activity': 'Verlauf',
  'nav.you': 'Profil',
  'skip': 'Zum Inhalt',
  'offline.card': 'Offline. Die Karte funktioniert trotzdem.',
  'loading': 'Wird geladen',
  'card.title': 'Ihre Karte',
  'card.code': 'Kartencode von {name}, erneuert sich alle 30 Sekunden von selbst',
  'card.codeStatic': 'Kartennummer als Code',
  'card.number': 'Kartennummer',
  'card.expand': 'Karte groß zeigen',
  'card.preparing': 'Ihre Karte wird vorbereitet',
  'card.noDevice': 'Dieses Gerät hat noch keinen Kartencode. Zeigen Sie die Nummer, oder kommen Sie online wieder.',
  'card.renews': 'Ihr Code erneuert sich alle 30 Sekunden',
  'card.blocked': 'Diese Karte ist gesperrt. Fragen Sie im Laden oder schreiben Sie uns.',
}
