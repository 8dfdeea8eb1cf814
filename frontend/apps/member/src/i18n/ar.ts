import type { Translation } from '@stampbook/ui/i18n/messages.ts'
import type { en } from './en.ts'

export const ar: Translation<typeof en> = {
  'nav.label': 'المحفظة',
  'nav.card': 'البطاقة',
  'nav.rewards': 'المكافآت',
  'nav.activity': 'النشاط',
  'nav.you': 'حسابك',
  'skip': 'إلى المحتوى',
  'offline.card': 'لا يوجد اتصال. بطاقتك تعمل مع ذلك.',
  'loading': 'جارٍ التحميل',
  'card.title': 'بطاقتك',
  'card.code': 'رمز بطاقة {name}، يتجدد تلقائيًا كل 30 ثانية',
  'card.codeStatic': 'رقم البطاقة كرمز',
  'card.number': 'رقم البطاقة',
  'card.expand': 'عرض البطاقة بملء الشاشة',
  'card.preparing': 'يجري تجهيز بطاقتك',
  'card.noDevice': 'لا يوجد رمز بطاقة على هذا الجهاز بعد. اعرض الرقم أو عد عند توفر الاتصال.',
  'card.renews': 'رمز جديد تلقائيًا كل 30 ثانية',
  'card.blocked': 'هذه البطاقة موقوفة. اسأل في المتجر أو راسلنا.',
}
