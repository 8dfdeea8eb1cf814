import { Heading } from '../shell/states.tsx'

export function StaffScreen() {
  return <div class="page"><Heading title="" /></div>
}
