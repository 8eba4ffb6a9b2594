import PartnerEffects
import Partners
import Runtime
import Synchronization
import Threads

/// The marketplace's carriers, as it numbers them now: asked for when they are needed, and kept for a while.
final class LogisticsCompanies: Sendable {
    private struct Known {
        var companies: [PinduoduoLogisticsCompany]
        var asOf: Double
    }

    /// Seconds after which they are asked for again: they rarely change.
    private static let freshness = 3600.0
    /// Seconds after which they are asked for again for a carrier that is not among them.
    private static let shortFreshness = 60.0

    private let clock: ServiceClock
    private let known = Mutex<Known?>(nil)

    init(_ clock: ServiceClock) { self.clock = clock }

    /// The one that ships for a carrier of the contract under this number; nil when there is none that can be used.
    func company(of carrier: String, for number: String, _ shop: ChannelAccess.Shop) async throws(PartnerError)
        -> PinduoduoLogisticsCompany?
    {
        guard let names = CarrierNames.named(carrier) else { return nil }
        if let known = known.withLock({ $0 }) {
            let age = clock.uptime - known.asOf
            let company = names.company(in: known.companies, for: number)
            if company == nil ? age < Self.shortFreshness : age < Self.freshness { return company }
        }
        let companies = try await shop.gateway.logisticsCompanies(token: shop.token)
        known.withLock { $0 = Known(companies: companies, asOf: clock.uptime) }
        return names.company(in: companies, for: number)
    }
}
