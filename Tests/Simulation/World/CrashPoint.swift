/// Where a process may die (design, section 3).
enum CrashPoint: String, CaseIterable {
    // Claim
    case beforeEpoch
    case epochRaised
    case producerReady
    case outboxPositionRead
    case logsRead
    case shardTaken
    // Batch
    case batchDecided
    case batchStored
    // Publish
    case transactionBegun
    case recordsProduced
    case offsetsSent
    case commitAsked
    case committed
    // Forget
    case forgotten
    // Hand-over
    case revoking
    case handedOver
    // Effects
    case effectBegun
    case effectDone
}

/// Numbers by chance, from one seed: SplitMix64.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
    mutating func isHit(in bound: Int) -> Bool { below(bound) == 0 }
}
