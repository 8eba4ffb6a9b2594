import Contracts
import JSON
import Machines
import Stores
import Threads

/// What has become of effects.
extension ShardProcessor {
    /// An effect has ended; `deliver` tells its machine.
    /// - Returns: false when nobody could be told, because its aggregate cannot be read: the effect stays, to be carried out again.
    func conclude(_ row: EffectRow, _ deliver: (ShardProcessor, Origin) -> Bool) -> Bool {
        let origin: Origin
        do throws(JSONError) { origin = try Origin.decodeStored(row.origin) } catch {
            unreadableStates.effect(row.id, shard: number, error)
            return false
        }
        outbox.begin(effect: answers, sequence: sequence + 1, origin: origin)
        let mark = outbox.mark()
        outbox.cancelEffect(row.id)
        guard deliver(self, origin) else {
            outbox.rollBack(to: mark)
            return false
        }
        answers += 1
        return true
    }

    /// - Returns: false when the aggregate cannot be read.
    func answer<Machine: StateMachine>(_ key: String, _: Machine.Type, _ input: Machine.Input, _ origin: Origin) -> Bool {
        let context = context(origin: origin, actor: Actor(.service, service.rawValue), time: now)
        guard let aggregate = aggregate(key, Machine.self) else { return false }
        if case .refused(let refusal, _) = run(Machine.self, on: aggregate, input, context) { outbox.refuse(refusal, origin: origin) }
        return true
    }

    /// Stores an effect anew whose answer nobody could be told.
    func postpone(_ effect: some Effect, _ origin: Origin) {
        let pause = Int(EffectEngine.undeliveredPause * 1000)
        outbox.put(effect, due: Timestamp(milliseconds: now.milliseconds + pause), origin: origin)
    }

    func announce(_ rows: [Announcement]) {
        outbox.emits = nil
        outbox.begin(effect: answers, sequence: sequence + 1, origin: .absent)
        answers += 1
        for announcement in rows { outbox.row(announcement.row) }
    }

    /// Sends the command that an effect sends beside its outcome.
    func report(_ report: EffectReport, of route: EffectRoute?) {
        let type = Swift.type(of: report.command).type
        outbox.begin(effect: answers, sequence: sequence + 1, origin: .step(report.id, key: report.key))
        answers += 1
        outbox.emits = route?.reports ?? Emits()
        outbox.command(report.command, key: report.key, id: NamedId.make(type, report.id), origin: nil)
        if let mistake = outbox.mistake { stop("the effect \(route?.kind ?? "") reports \(mistake)") }
    }
}
