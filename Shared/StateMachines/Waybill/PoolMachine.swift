public import Contracts
public import JSON
public import Machines

/// The numbers that carriers gave to a factory, as segments.
///
/// Key `pool:<factoryShopId>`, in the shard of the factory's id. A number leaves the pool once, and its claim goes to where the number
/// lives (`NumberMachine`), which grants it to the parcel or, when it is bound already (returned by the factory without the pool), asks
/// here for the next one. So a number that left the pool is always granted to a parcel or was bound before: none is stranded and none
/// ever comes back.
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | no numbers | top-up | numbers | topped-up |
/// | no numbers, numbers, used up | top-up of other numbers | numbers | topped-up |
/// | numbers, used up | top-up | same | refused invalid |
/// | no numbers, used up | take | same | answer empty |
/// | numbers | take | used up | claim fresh |
/// | no numbers, numbers, used up | take of another carrier | same | answer empty |
public enum PoolMachine: StateMachine {
    /// The most numbers that one segment holds.
    static let largestSegment = 10_000_000

    public struct State: Declared, Equatable {
        public var carriers: [Supply] = []

        public init() {}

        public static let fields = Fields<State>(Field("carriers", \.carriers))
    }

    /// The segments of one carrier, in the order in which they came and are used up.
    public struct Supply: Declared, Equatable {
        public var carrier = ""
        public var segments: [Segment] = []
        /// The first segment that is not used up; their count when all are.
        public var current = 0

        public init() {}

        public static let fields = Fields<Supply>(
            Field("carrier", \.carrier), Field("segments", \.segments), Field("current", \.current, 0...Int.max))
    }

    /// Numbers with the same head, one after the other. Known for a while when it is used up, together with its neighbours: another one must
    /// not overlap it.
    public struct Segment: Declared, Equatable {
        public var head = ""
        public var digits = 0
        public var first = 0
        public var last = 0
        public var next = 0

        public init() {}

        public static let fields = Fields<Segment>(
            Field("head", \.head), Field("digits", \.digits, 0...18), Field("first", \.first, 0...Int.max),
            Field("last", \.last, 0...Int.max), Field("next", \.next, 0...Int.max))

        func overlaps(_ other: Segment) -> Bool {
            head == other.head && digits == other.digits && first <= other.last && other.first <= last
        }

        /// The number that comes next.
        var number: String {
            let tail = String(next)
            return head + String(repeating: "0", count: digits - tail.utf8.count) + tail
        }
    }

    public enum Input: Sendable {
        case topUp(TopUp)
        case take(PoolTake)
    }

    public enum Event: Publishable {
        case toppedUp(ToppedUp, Segment)
        case handedOut(NumberClaim)
        case empty(ParcelIdentity)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .toppedUp(let message, _): outbox.event(message)
            case .handedOut(let claim): outbox.tell(claim, shardOf: claim.home)
            case .empty(let parcel): outbox.tell(ParcelAnswer(parcel, number: "", outcome: .empty), shardOf: parcel.orderId)
            }
        }
    }

    public static func aggregate(_ id: String) -> String { "pool:\(id)" }

    public static let accepts: [Accepts<PoolMachine>] = [
        .message(TopUp.self) { .topUp($0) },
        .item(PoolTake.self) { .take($0) },
    ]

    public static let emits = Emits(events: [ToppedUp.self], items: [NumberClaim.self, ParcelAnswer.self])

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        switch input {
        case .topUp(let command):
            do throws(Refusal) { return .accept([try topUp(state, command, context)]) } catch { return .refuse(error) }
        case .take(let item):
            guard let supply = state.carriers.first(where: { $0.carrier == item.carrier }), supply.current < supply.segments.count else {
                return .accept([.empty(item.parcel)])
            }
            let number = supply.segments[supply.current].number
            return .accept([.handedOut(NumberClaim(item.parcel, carrier: item.carrier, number: number, kind: .fresh))])
        }
    }

    public static func evolve(_ state: inout State, _ event: Event) {
        switch event {
        case .toppedUp(let message, let segment):
            if let index = state.carriers.firstIndex(where: { $0.carrier == message.carrier }) {
                state.carriers[index].segments.append(segment)
            } else {
                var supply = Supply()
                supply.carrier = message.carrier
                supply.segments = [segment]
                state.carriers.append(supply)
            }
        case .handedOut(let claim):
            guard let index = state.carriers.firstIndex(where: { $0.carrier == claim.carrier }) else { return }
            let current = state.carriers[index].current
            guard current < state.carriers[index].segments.count else { return }
            state.carriers[index].segments[current].next += 1
            let segment = state.carriers[index].segments[current]
            if segment.next > segment.last { state.carriers[index].useUp() }
        case .empty: break
        }
    }

    private static func topUp(_ state: State, _ command: TopUp, _ context: Context) throws(Refusal) -> Event {
        try context.require(.factory, command.factoryShopId)
        let carrier = try Carrier.required(command.carrier)
        let first = WaybillNumber.normalized(command.first)
        let last = WaybillNumber.normalized(command.last)
        let form = try carrier.requireForm(of: first, field: "first")
        try carrier.requireForm(of: last, field: "last")

        let head = first.utf8.prefix(form.head.count)
        guard first.utf8.count == last.utf8.count, last.utf8.starts(with: head) else {
            throw Refusal(.invalid, "first and last of a segment must have the same length and the same beginning", field: "last")
        }
        var segment = Segment()
        segment.head = String(decoding: head, as: UTF8.self)
        segment.digits = first.utf8.count - form.head.count
        segment.first = value(ofDigits: first.utf8.suffix(segment.digits))
        segment.last = value(ofDigits: last.utf8.suffix(segment.digits))
        segment.next = segment.first
        guard segment.first <= segment.last else {
            throw Refusal(.invalid, "last comes before first; give the segment's smallest number as first", field: "last")
        }
        let count = segment.last - segment.first + 1
        guard count <= largestSegment else {
            throw Refusal(.invalid, "the segment has \(count) numbers; at most \(largestSegment) go into one, give several", field: "last")
        }
        for supply in state.carriers where supply.carrier == carrier.code {
            try Bounds.require(
                supply.segments.count - supply.current, below: Bounds.segments,
                "the pool has too many segments of \(carrier.code) with numbers left; give larger ones")
            if let other = supply.segments.first(where: segment.overlaps) {
                throw Refusal(
                    .invalid,
                    "the segment overlaps one that this factory's pool has had, of \(other.last - other.first + 1) numbers; give only new ones",
                    field: "first")
            }
        }
        var message = ToppedUp()
        message.factoryShopId = command.factoryShopId
        message.carrier = carrier.code
        message.first = first
        message.last = last
        message.count = count
        return .toppedUp(message, segment)
    }

    private static func value(ofDigits digits: some Sequence<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}

extension PoolMachine.Supply {
    /// The current segment has no number left: it joins those before it, of which the oldest are forgotten.
    fileprivate mutating func useUp() {
        var used = Array(segments[..<current])
        var last = segments[current]
        // Neighbours become one.
        while let index = used.firstIndex(where: { $0.adjoins(last) }) {
            let other = used.remove(at: index)
            last.first = min(last.first, other.first)
            last.last = max(last.last, other.last)
        }
        last.next = last.last + 1
        used.append(last)
        used = used.suffix(Bounds.usedSegments)
        segments = used + segments[(current + 1)...]
        current = used.count
    }
}

extension PoolMachine.Segment {
    fileprivate func adjoins(_ other: Self) -> Bool {
        head == other.head && digits == other.digits && (last + 1 == other.first || other.last + 1 == first)
    }
}

extension Carrier {
    /// The carrier with this code, or `carrier-unknown`.
    static func required(_ code: String) throws(Refusal) -> Carrier {
        guard let carrier = named(code) else {
            throw Refusal(
                .carrierUnknown, "there is no such carrier; give one of \(all.map(\.code).joined(separator: ", "))", field: "carrier")
        }
        return carrier
    }

    /// The number's form, or `waybill-number-invalid`.
    @discardableResult
    func requireForm(of number: String, field: String) throws(Refusal) -> Form {
        guard let form = form(of: number) else {
            throw Refusal(.waybillNumberInvalid, "this is no waybill number of \(code); check the number and the carrier", field: field)
        }
        return form
    }
}
