import Contracts
import PartnerEffects
import Partners
import Runtime
import Synchronization
import Threads

/// Shops' addresses for returns at the marketplace, as it judges them: asked for when one is named, and kept for a while.
final class ReturnAddresses: Sendable {
    private struct Known {
        var addresses: [PinduoduoReturnAddress]
        var asOf: Double
    }

    /// Seconds after which they are asked for again.
    private static let freshness = 600.0
    /// Seconds after which they are asked for again for an address that would be refused.
    private static let shortFreshness = 10.0

    private let clock: ServiceClock
    /// By channel.
    private let known = Mutex<[String: Known]>([:])

    init(_ clock: ServiceClock) { self.clock = clock }

    /// The marketplace's judgement of an address.
    enum Verdict: Equatable {
        /// It can be sent, or the marketplace does not tell.
        case usable
        /// The shop has none of this id: it may be another shop's of the merchant.
        case unknown
        case refused
    }

    func verdict(on id: String, _ shop: ChannelAccess.Shop) async throws(PartnerError) -> Verdict {
        let channelId = shop.row.channelId
        if let known = known.withLock({ $0[channelId] }) {
            let age = clock.uptime - known.asOf
            let verdict = Self.verdict(on: id, in: known.addresses)
            if age < (verdict == .usable ? Self.freshness : Self.shortFreshness) { return verdict }
        }
        let addresses: [PinduoduoReturnAddress]
        do throws(PartnerError) { addresses = try await shop.gateway.refundAddresses(token: shop.token) } catch {
            // The marketplace judges an address that it does not list when it is sent.
            if error.kind == .rejected || error.kind == .outcomeOpen { return .usable }
            throw error
        }
        known.withLock { $0[channelId] = Known(addresses: addresses, asOf: clock.uptime) }
        return Self.verdict(on: id, in: addresses)
    }

    private static func verdict(on id: String, in addresses: [PinduoduoReturnAddress]) -> Verdict {
        if addresses.isEmpty { return .usable }
        guard let address = addresses.first(where: { $0.ids.contains(id) }) else { return .unknown }
        return address.isLegal ? .usable : .refused
    }
}
