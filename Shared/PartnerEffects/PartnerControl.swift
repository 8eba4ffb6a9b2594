import Contracts
import Observability
import Partners
import Runtime

extension PartnerEnvironment {
    /// The control that all calls of this process to a partner share: its rate limits, and `daifa_partner_calls_total`.
    /// - Parameters:
    ///   - rates: the partner's rates as published.
    ///   - changes: rates of the settings, checked by `PartnerSettings`, which replace published ones.
    ///   - quotaCodes: codes with which the partner says that a day's quota is used up.
    func control(_ partner: String, _ rates: CallRates, _ changes: CallRates, _ quotaCodes: Set<String>) -> CallControl {
        shared("calls of \(partner)") {
            let calls = CounterFamily(metrics, .partnerCalls)
            let seconds = metrics.histogram(.partnerSeconds, partner)
            return CallControl(RateLimiter(rates.changed(by: changes)), quotaCodes: quotaCodes) { operation, failure, duration in
                calls[partner, operation, failure?.rawValue ?? "ok"].increment()
                seconds.observe(duration)
            }
        }
    }
}
