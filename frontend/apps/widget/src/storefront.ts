import './storefront.css'

/** The demo shop lives on 127.0.0.1 and asks the service on localhost: two origins on one machine. */
if (location.hostname === 'localhost') location.replace(location.href.replace('localhost', '127.0.0.1'))
else {
  for (const element of document.querySelectorAll('stampbook-balance')) element.setAttribute('service', `${location.protocol}//localhost:${location.port}`)
  await import('./balance.ts')
}
