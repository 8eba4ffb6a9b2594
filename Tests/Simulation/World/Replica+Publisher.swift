@testable import Kafka
@testable import Runtime

/// The publisher's thread.
extension Replica {
    enum Publishing {
        case idle
        case preparing
        case begin([Job])
        case produce([Job], SimulatedKafka.Transaction)
        case sendOffsets([Job], SimulatedKafka.Transaction)
        case commit([Job], SimulatedKafka.Transaction)
    }

    private var transactionalId: String { "daifa-\(instance)" }

    func publishStep() {
        guard !isDead, world.now >= max(pausedUntil, publishingPausedUntil) else { return }
        switch publishing {
        case .idle:
            switch queue.next() {
            case .prepare: publishing = .preparing
            case .publish(let jobs): publishing = .begin(jobs)
            case .control, nil: break
            }
        case .preparing:
            publishing = .idle
            if world.kafkaFails() { return queue.prepared(KafkaError(code: .timedOut, operation: "init transactions")) }
            producerEpoch = kafka.initTransactions(transactionalId)
            queue.prepared(nil)
        case .begin(let jobs):
            attempt { () throws(SimulatedKafka.Failure) in
                let transaction = try kafka.begin(transactionalId, epoch: producerEpoch ?? 0, at: world.now)
                publishing = .produce(jobs, transaction)
            }
            _ = dies(at: .transactionBegun)
        case .produce(let jobs, let transaction):
            if world.kafkaFails() { return failed(.messageTimedOut, aborting: transaction) }
            attempt { () throws(SimulatedKafka.Failure) in
                if world.isBroken(.offsetsWithoutRecords) {
                    for offset in PublishQueue.offsets(of: jobs) { group.committed[offset.topicPartition] = offset }
                }
                for job in jobs { try kafka.produce(job.records, topics: OutboxTopics.names, in: transaction) }
                publishing = .sendOffsets(jobs, transaction)
            }
            _ = dies(at: .recordsProduced)
        case .sendOffsets(let jobs, let transaction):
            if world.kafkaFails() { return failed(.timedOut, aborting: transaction) }
            do throws(SimulatedKafka.Failure) {
                try kafka.send(offsets(of: jobs), claim(of: jobs), in: transaction)
                publishing = .commit(jobs, transaction)
            } catch { failed(error == .illegalGeneration ? .illegalGeneration : .producerFenced, aborting: transaction) }
            _ = dies(at: .offsetsSent)
        case .commit(let jobs, let transaction): commit(jobs, transaction)
        }
    }

    private func offsets(of jobs: [Job]) -> [PartitionOffset] {
        var offsets = PublishQueue.offsets(of: jobs)
        if world.isBroken(.offsetsWithoutSequence) { for index in offsets.indices { offsets[index].metadata = nil } }
        return offsets
    }

    private func claim(of jobs: [Job]) -> SimulatedMembership {
        world.isBroken(.newestAssignment) ? consumer?.assigned ?? jobs[0].claim : jobs[0].claim
    }

    private func commit(_ jobs: [Job], _ transaction: SimulatedKafka.Transaction) {
        if dies(at: .commitAsked) {
            // It may be on its way.
            transaction.commitIsUnderWay = world.chance.isHit(in: 2)
            return
        }
        let outcome = world.commitOutcome()
        if outcome == .lost || outcome == .late {
            transaction.commitIsUnderWay = outcome == .late
            return isOpen(jobs)
        }
        attempt { () throws(SimulatedKafka.Failure) in
            try kafka.commit(transaction)
            if dies(at: .committed) { return }
            if outcome == .unanswered { return isOpen(jobs) }
            publishing = .idle
            log("published \(jobs.map { "\($0.shard): \($0.sequence)" })")
            queue.done(jobs)
        }
    }

    /// The outcome of a commit is open.
    private func isOpen(_ jobs: [Job]) {
        guard world.isBroken(.publishedAgain) else { return failed(.timedOut) }
        producerEpoch = kafka.initTransactions(transactionalId)
        publishing = .begin(jobs)
    }

    private func attempt(_ step: () throws(SimulatedKafka.Failure) -> Void) {
        do throws(SimulatedKafka.Failure) { try step() } catch { failed(.producerFenced) }
    }

    private func failed(_ code: KafkaError.Code, aborting transaction: SimulatedKafka.Transaction? = nil) {
        // The abort may fail as well.
        if let transaction, !world.kafkaFails() { kafka.abort(transaction) }
        publishing = .idle
        queue.failed(KafkaError(code: code, operation: "publish"))
    }
}
