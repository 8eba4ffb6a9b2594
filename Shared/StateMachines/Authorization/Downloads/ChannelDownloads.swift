public import Contracts
public import JSON
public import Machines
public import Threads

/// The part of a channel that reads orders: the lists that it downloads, and its place in each.
///
/// | input | steps |
/// |---|---|
/// | the policy or the authorization has changed | each list that is wanted is read on from where it is; the others stop, and keep their place |
/// | a page | what it shows goes to the orders' shards; the next page or window is read at once, else after `orderDownloadInterval` |
/// | nothing yet | the list is read again after `orderDownloadInterval` |
/// | a refusal | told once, until the list comes again; the list is read again after `refusedPause` |
/// | a message of the platform | the order that it is about is read at once |
public struct ChannelDownloads: DefaultInitializable, Equatable {
    var cursors: [DownloadCursor] = []
    /// The authorization with which messages were asked for.
    var messagesFor: String?

    public init() {}

    public static let fields = Fields<ChannelDownloads>(Field("cursors", \.cursors), Field("messagesFor", \.messagesFor))

    /// Milliseconds after which a list is asked for again that the platform refused: a person may have ordered the permission meanwhile.
    static let refusedPause = 600_000

    public enum Input: Sendable {
        case page(DownloadOrders, DownloadOrders.Answer)
        case order(DownloadOrder, DownloadOrder.Answer)
        case pushed(OrderPushed)
        case permitted(PermitMessages, PermitMessages.Answer)
    }

    public enum Step: Publishable {
        /// The list is read from here, at the time (nil: at once).
        case reads(DownloadOrders, DownloadCursor, due: Timestamp?)
        case stops(DownloadCursor, aggregate: String)
        case asksForMessages(PermitMessages)
        case getsNoMessages
        case asksForOrder(DownloadOrder)
        case saw(DownloadedPage)
        case sawOrder(OrderSeen)
        case failed(DownloadFailed, key: String)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .reads(let effect, _, let due):
                outbox.schedule(
                    effect, due: due, origin: .step("\(effect.id)/\(effect.bounds?.to ?? effect.readTo ?? 0)", key: effect.aggregate))
            case .stops(let cursor, let aggregate):
                outbox.cancelEffect(DownloadOrders.id(of: aggregate, cursor.kind.rawValue))
            case .asksForMessages(let effect): outbox.schedule(effect, due: nil, origin: .step(effect.id, key: effect.aggregate))
            case .asksForOrder(let effect): outbox.schedule(effect)
            case .saw(let page):
                for order in page.orders { outbox.tell(order, shardOf: order.orderId) }
                for afterSale in page.afterSales { outbox.tell(afterSale, shardOf: afterSale.orderId) }
            case .sawOrder(let order): outbox.tell(order, shardOf: order.orderId)
            case .failed(let message, let key): outbox.event(message, key: key, origin: nil)
            case .getsNoMessages: break
            }
        }
    }

    mutating func apply(_ step: Step) {
        switch step {
        case .reads(_, let cursor, _), .stops(let cursor, _): set(cursor)
        case .asksForMessages(let effect): messagesFor = effect.source.authorizationId
        case .getsNoMessages: messagesFor = nil
        case .asksForOrder, .saw, .sawOrder, .failed: break
        }
    }

    private mutating func set(_ cursor: DownloadCursor) {
        if let index = cursors.firstIndex(where: { $0.kind == cursor.kind }) { cursors[index] = cursor } else { cursors.append(cursor) }
    }

    private func cursor(_ kind: DownloadKind) -> DownloadCursor { cursors.first { $0.kind == kind } ?? DownloadCursor(kind) }
}

extension ChannelDownloads {
    /// The policy or the authorization has changed, or the token.
    /// - Parameter source: nil: nothing is downloaded.
    func arranged(_ source: DownloadSource?, channelKey: String) -> [Step] {
        let wanted = source?.lists ?? []
        var steps: [Step] = []
        for var cursor in cursors where cursor.isOn && !wanted.contains(cursor.kind) {
            cursor.isOn = false
            steps.append(.stops(cursor, aggregate: channelKey))
        }
        guard let source, !wanted.isEmpty else { return steps }
        for kind in wanted {
            var cursor = cursor(kind)
            // The platform may no longer give a window that was left long ago.
            if !cursor.isOn { cursor.window = nil }
            cursor.isOn = true
            steps.append(.reads(DownloadOrders(source, cursor), cursor, due: nil))
        }
        if messagesFor != source.authorizationId { steps.append(.asksForMessages(PermitMessages(source))) }
        return steps
    }

    /// - Parameter source: as of now; nil: nothing is downloaded any more.
    func steps(_ input: Input, _ source: DownloadSource?, _ context: Context) -> [Step] {
        guard let source else { return [] }
        switch input {
        case .page(let effect, let answer):
            let cursor = cursor(effect.list)
            return cursor.isOn ? self.steps(answer, cursor, source, context) : []
        case .order(let effect, .seen(let order)): return source.wants(effect.order) ? [.sawOrder(order)] : []
        case .permitted(_, .tokenRefused): return [.getsNoMessages]
        case .order(_, .none), .permitted: return []
        case .pushed(let item): return source.wants(item.order) ? [.asksForOrder(DownloadOrder(source, item.order))] : []
        }
    }

    private func steps(
        _ answer: DownloadOrders.Answer, _ known: DownloadCursor, _ source: DownloadSource, _ context: Context
    ) -> [Step] {
        var cursor = known
        var steps: [Step] = []
        var due: Timestamp?
        func later(_ milliseconds: Int) -> Timestamp { Timestamp(milliseconds: context.now.milliseconds + milliseconds) }
        switch answer {
        case .page(let page):
            cursor.refusal = nil
            if !page.orders.isEmpty || !page.afterSales.isEmpty { steps.append(.saw(page)) }
            if cursor.pass(page) == .caughtUp { due = later(context.settings.orderDownloadInterval * 1000) }
        case .nothingYet: due = later(context.settings.orderDownloadInterval * 1000)
        case .refused(let code, let detail):
            if let told = told(cursor, source, code, detail) { steps.append(told) }
            cursor.refusal = code ?? detail
            due = later(Self.refusedPause)
        }
        return steps + [.reads(DownloadOrders(source, cursor), cursor, due: due)]
    }

    private func told(_ cursor: DownloadCursor, _ source: DownloadSource, _ code: String?, _ detail: String) -> Step? {
        guard cursor.refusal != code ?? detail else { return nil }
        let isFactory = source.ownerIsFactory
        let message = DownloadFailed(
            channelId: source.channelId, merchantShopId: isFactory ? nil : source.owner, factoryShopId: isFactory ? source.owner : nil,
            kind: cursor.kind, code: code, detail: detail)
        return .failed(message, key: source.aggregate)
    }
}
