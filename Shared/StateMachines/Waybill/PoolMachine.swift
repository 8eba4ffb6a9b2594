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

    public struct State: DefaultInitializable, Equatable {
        public var carriers: [Supply] = []

        public init() {}

        public static let fields = Fields<State>(Field("carriers", \.carriers))
    }

    /// The segments of one carrier, in the order in which they came and are used up.
    public struct Supply: DefaultInitializable, Equatable {
        public var carrier = ""
        public var segments: [Segment] = []
        /// The first segment that is not used up; their count when all are.
        public var current = 0

        public init() {}

        public static let fields = Fields<Supply>(
            Field("carrier", \.carrier), Field("segments", \.segments), Field("current", \.current, 0...Int.max))
    }

    /// Numbers that count up behind the same head. Known for a while when it is used up, together with its neighbours: another one must
    /// not overlap it.
    public struct Segment: DefaultInitializable, Equatable {
        public var head = ""
        public var digits = 0
        public var first = 0
        public var last = 0
        public var next = 0

        public init() {}

        public static let fields = Fields<Segment>(
            Field("head", \.head), Field("digits", \.digits, 0...18), Field("first", \.first, 0...Int.max),
            Field("last", \.last, 0...Int.max), Field("next", \.next, 0...Int.max))

        init(head: Substring, first: Substring, last: Substring) {
            self.head = String(head)
            digits = first.utf8.count
            self.first = Self.value(first)
            self.last = Self.value(last)
            next = self.first
        }

        /// The greater one of two segments' first numbers lies in both when they overlap, wherever their heads end.
        func overlaps(_ other: Segment) -> Bool { contains(other.number(other.first)) || other.contains(number(first)) }

        private func contains(_ number: String) -> Bool {
            guard number.utf8.count == head.utf8.count + digits, number.utf8.starts(with: head.utf8) else { return false }
            let tail = number.utf8.suffix(digits)
            guard tail.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return false }
            return (first...last).contains(Self.value(Substring(tail)))
        }

        /// The number that comes next.
        var nextNumber: String { number(next) }

        private func number(_ value: Int) -> String {
            let tail = String(value)
            return head + String(repeating: "0", count: digits - tail.utf8.count) + tail
        }

        private static func value(_ digits: Substring) -> Int { digits.utf8.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
    }

    public enum Input: Sendable {
        case topUp(TopUp)
        case take(PoolNumberRequest)
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
        .item(PoolNumberRequest.self) { .take($0) },
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
            let number = supply.segments[supply.current].nextNumber
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
        let first = WaybillNumber.waybill(of: WaybillNumber.normalized(command.first), carrier: carrier.code)
        let last = WaybillNumber.waybill(of: WaybillNumber.normalized(command.last), carrier: carrier.code)
        let allowsUnusual = command.unusual == true
        let isKnown = try carrier.check(first, allowsUnusual: allowsUnusual, field: "first")
        let isLastKnown = try carrier.check(last, allowsUnusual: allowsUnusual, field: "last")
        let segment = try segment(of: carrier, first, last)
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
        let message = ToppedUp(
            factoryShopId: command.factoryShopId, carrier: carrier.code, first: first, last: last, count: count,
            unusual: isKnown && isLastKnown ? nil : true)
        return .toppedUp(message, segment)
    }

    /// The segment between two numbers. In a known form its digits count up; in an unusual number, and where the two ends have different
    /// forms, the last digits.
    private static func segment(of carrier: Carrier, _ first: String, _ last: String) throws(Refusal) -> Segment {
        let form = carrier.form(of: first)
        guard form?.end.isEmpty != false else {
            throw Refusal(
                .invalid, "numbers of this form end in a check digit and a country and do not count up; return each one by itself",
                field: "first")
        }
        let digits: Int
        if let form, let other = carrier.form(of: last), other.end.isEmpty, other.head.count == form.head.count {
            digits = first.utf8.count - form.head.count
        } else {
            digits = min(first.utf8.reversed().prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count, largestTail)
        }
        guard digits > 0 else {
            throw Refusal(
                .invalid, "a segment counts up its last digits, and this number ends in none; return it by itself", field: "first")
        }
        let isAlike =
            first.utf8.count == last.utf8.count && first.dropLast(digits).utf8.elementsEqual(last.dropLast(digits).utf8)
            && last.utf8.suffix(digits).allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard isAlike else {
            throw Refusal(.invalid, "first and last of a segment must have the same length and the same beginning", field: "last")
        }
        return Segment(head: first.dropLast(digits), first: first.suffix(digits), last: last.suffix(digits))
    }

    /// The most digits that count up: a whole number holds them.
    private static let largestTail = 18
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
