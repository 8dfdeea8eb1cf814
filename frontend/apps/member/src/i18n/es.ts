import type { Translation } from '@stampbook/ui/i18n/messages.ts'
import type { en } from './en.ts'

export const es: Translation<typeof en> = {
  'nav.label': 'Cartera',
  'nav.card': 'Tarjeta',
  'nav.rewards': 'Premios',
  'nav.activity': 'Actividad',
  'nav.you': 'Perfil',
  'skip': 'Ir al contenido',
  'offline.card': 'Sin conexión. La tarjeta sigue funcionando.',
  'loading': 'Cargando',
  'card.title': 'Su tarjeta',
  'card.code': 'Código de la tarjeta de {name}, se renueva solo cada 30 segundos',
  'card.codeStatic': 'Número de tarjeta como código',
  'card.number': 'Número de tarjeta',
  'card.expand': 'Ver la tarjeta a pantalla completa',
  'card.preparing': 'Estamos preparando su tarjeta',
  'card.noDevice': 'Este dispositivo aún no tiene código. Muestre el número o vuelva cuando tenga conexión.',
  'card.renews': 'Su código se renueva cada 30 segundos',
  'card.blocked': 'Esta tarjeta está bloqueada. Pregunte en la tienda o escríbanos.',
}
