@testable import Kafka

/// A member of a group at one assignment.
final class SimulatedMembership: Sendable {
    nonisolated(unsafe) let group: SimulatedGroup
    let instance: String
    let member: Int
    let generation: Int

    init(_ group: SimulatedGroup, _ instance: String, _ member: Int, _ generation: Int) {
        self.group = group
        self.instance = instance
        self.member = member
        self.generation = generation
    }
}

/// A model of a consumer group with static members: generations, rebalances in which all give everything back first, and members whose
/// session ends or whose name another has taken, who hear of it only when they ask.
final class SimulatedGroup {
    enum News {
        case nothing
        /// Everything is to be given back; `rejoined` follows.
        case revoke
        /// The session has ended meanwhile.
        case lost
        /// Another process has taken the name.
        case fenced
        case assign([Int32], SimulatedMembership)
    }

    private struct Member {
        var id: Int
        var seen: Double
        var hasRejoined = true
        /// The generation that it was told of.
        var told = -1
        var shards: [Int32] = []
    }

    static let sessionTimeout = 10.0

    private let partitions: Int32
    private var members: [String: Member] = [:]
    private var lastMember = 0
    private(set) var generation = 0
    private var isRebalancing = false
    var committed: [TopicPartition: PartitionOffset] = [:]
    /// Transactions with offsets whose outcome is open.
    var unstable: [TopicPartition: Int] = [:]

    init(partitions: Int32) { self.partitions = partitions }

    var isStable: Bool { !isRebalancing && members.values.allSatisfy { $0.told == generation } }

    func accepts(_ membership: SimulatedMembership) -> Bool {
        membership.generation == generation && members[membership.instance]?.id == membership.member
    }

    func join(_ instance: String, at now: Double) -> Int {
        lastMember += 1
        if members[instance] == nil || isRebalancing {
            members[instance] = Member(id: lastMember, seen: now)
            rebalance(but: instance)
        } else {
            // A name that comes back has its shards back, without a rebalance.
            members[instance]?.id = lastMember
            members[instance]?.seen = now
            members[instance]?.told = -1
        }
        return lastMember
    }

    private func rebalance(but joined: String? = nil) {
        if isRebalancing { return }
        isRebalancing = true
        for instance in members.keys where instance != joined && members[instance]?.told == generation {
            members[instance]?.hasRejoined = false
        }
    }

    func leave(_ instance: String, _ member: Int) {
        guard members[instance]?.id == member else { return }
        members[instance] = nil
        rebalance()
    }

    func beat(_ instance: String, _ member: Int, at now: Double) {
        if members[instance]?.id == member { members[instance]?.seen = now }
    }

    func rejoined(_ instance: String, _ member: Int) {
        if members[instance]?.id == member { members[instance]?.hasRejoined = true }
    }

    /// Ends sessions, and rebalances that all have answered.
    func pass(_ now: Double) {
        for instance in members.keys.sorted() where now - (members[instance]?.seen ?? now) > Self.sessionTimeout {
            members[instance] = nil
            rebalance()
        }
        guard isRebalancing, members.values.allSatisfy(\.hasRejoined) else { return }
        isRebalancing = false
        generation += 1
        let instances = members.keys.sorted()
        for (index, instance) in instances.enumerated() {
            members[instance]?.shards = (0..<partitions).filter { Int($0) * instances.count / Int(partitions) == index }
        }
    }

    func ask(_ instance: String, _ member: Int, hasAssignment: Bool) -> News {
        guard let known = members[instance] else { return .lost }
        guard known.id == member else { return .fenced }
        if isRebalancing { return hasAssignment && !known.hasRejoined ? .revoke : .nothing }
        guard known.told != generation else { return .nothing }
        members[instance]?.told = generation
        return .assign(known.shards, SimulatedMembership(self, instance, member, generation))
    }
}
