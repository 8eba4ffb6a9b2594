import Contracts
import Partners
import StateMachines
import Threads

/// Reads lists and orders of a shop at Pinduoduo, with one token.
struct PinduoduoReader {
    let gateway: PinduoduoGateway
    let token: String
    /// Milliseconds that a window's end stays behind the platform's clock, and that the first window reaches back.
    let lag: Int
    let history: Int
    let clock: @Sendable () -> Timestamp
    /// Seals a recipient for waybill.
    let seal: @Sendable (EncryptedRecipient, _ orderId: String) throws -> Sealed

    /// The values that were read, and the rows that are not passed on.
    struct Result<Value> {
        var value: Value
        /// Rows that the platform's interface does not allow.
        var unreadable = 0
        var unfit: [PinduoduoOrderMapper.Unfit] = []
    }

    /// - Throws: `PartnerError`, and what `seal` throws.
    func read(_ effect: DownloadOrders) async throws -> Result<DownloadOrders.Answer> {
        guard let bounds = try await bounds(effect) else { return Result(value: .nothingYet) }
        var mapper = PinduoduoOrderMapper(effect.source, readAt: clock(), seal: seal)
        let (from, to) = (bounds.from / 1000, bounds.to / 1000)
        switch effect.list {
        case .orders:
            let page = try await gateway.orderIncrement(from: from, to: to, page: effect.page, token: token)
            let orders = try page.rows.compactMap { try mapper.see($0) }
            return try result(page, DownloadedPage(bounds: bounds, total: 0, orders: orders), mapper, effect.list)
        case .afterSales:
            let page = try await gateway.refundIncrement(from: from, to: to, page: effect.page, token: token)
            let afterSales = page.rows.compactMap { mapper.see($0) }
            return try result(page, DownloadedPage(bounds: bounds, total: 0, afterSales: afterSales), mapper, effect.list)
        case .factoryOrders:
            let page = try await gateway.fdsOrderList(from: bounds.from, to: bounds.to, page: effect.page, token: token)
            let orders = page.rows.compactMap { mapper.see($0) }
            return try result(page, DownloadedPage(bounds: bounds, total: 0, orders: orders), mapper, effect.list)
        }
    }

    /// The window that was begun, else the next one by the platform's clock.
    private func bounds(_ effect: DownloadOrders) async throws -> DownloadBounds? {
        if let bounds = effect.bounds { return bounds }
        return DownloadBounds.next(
            after: effect.readTo, of: effect.list, clock: try await gateway.time().milliseconds, lag: lag, history: history)
    }

    /// Rows that half an hour may have; to read more would take the platform's limits of calls the day.
    private static let mostRows = 1_000_000

    private func result<Row>(
        _ page: PinduoduoPage<Row>, _ read: DownloadedPage, _ mapper: PinduoduoOrderMapper, _ list: DownloadKind
    ) throws -> Result<DownloadOrders.Answer> {
        let rows = page.rows.count + page.unreadable
        // A full page without a count: nobody knows what follows it.
        guard let total = page.total ?? (rows < PinduoduoGateway.pageSize ? rows : nil) else {
            throw PartnerError(.outcomeOpen, partner: "pinduoduo", operation: list.rawValue, message: "a full page without a total")
        }
        guard (0...Self.mostRows).contains(total) else {
            throw PartnerError(.outcomeOpen, partner: "pinduoduo", operation: list.rawValue, message: "a total of \(total) rows")
        }
        var read = read
        read.total = total
        return Result(value: .page(read), unreadable: page.unreadable, unfit: mapper.unfit)
    }

    /// One order.
    func read(_ effect: DownloadOrder) async throws -> Result<DownloadOrder.Answer> {
        var mapper = PinduoduoOrderMapper(effect.source, readAt: clock(), seal: seal)
        let seen: OrderSeen?
        if let mask = effect.order.shopMask {
            let key = FdsOrderKey(mallMaskId: mask, orderMaskSn: effect.order.orderNumber)
            seen = mapper.see(try await gateway.fdsOrder(key, token: token))
        } else {
            seen = try mapper.see(try await gateway.order(effect.order.orderNumber, token: token))
        }
        return Result(value: seen.map { .seen($0) } ?? .none, unfit: mapper.unfit)
    }
}
