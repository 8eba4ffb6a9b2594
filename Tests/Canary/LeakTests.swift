import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

/// No secret, no token and no person's name, phone or street leaves the services by another way than to the partner that needs it.
///
/// Everything is done once that has to do with them, partners that repeat in their errors what they were sent among it. Then every record of
/// every topic, every file of the stores, every log, the metrics, and the command lines that were seen meanwhile are searched for them, in
/// many forms. What is planted must have been used, and what may be seen must be found: else the search would prove nothing.
@Suite(.enabled(if: Bench.isAvailable, Comment(rawValue: Bench.need))) struct LeakTests {
    @Test(.timeLimit(.minutes(10))) func nothingSecretComesOut() async throws {
        let watch = try ProcessWatch()
        let scene = try await CanaryScene.start()
        var journey = CanaryJourney(scene)
        try await journey.run()
        let people = journey.people
        let keys = SearchedPlaces.keys(scene.bench.store)
        #expect(keys.count >= 2 * ServiceName.allCases.count - 2, "\(keys.map(\.label))")
        let secret = people + scene.secrets.all + journey.tokens + keys
        try expectInUse(people + scene.secrets.all + journey.tokens, scene)

        let search = CanarySearch(secret + [scene.secrets.clear])
        let (records, topics) = try await onThread { try SearchedPlaces.records(scene.bench.broker.configuration) }
        let running = try SearchedPlaces.files(scene.bench.store)
        let told = await withCheckedContinuation { done in
            Task.detached { done.resume(returning: scene.processes.flatMap { SearchedPlaces.process($0.process, $0.name) }) }
        }
        let processes = watch.stop()
        for process in scene.services + [scene.console] { try await onThread { try process.stop() } }
        let stopped = try SearchedPlaces.files(scene.bench.store)
        let logs = scene.processes.map { Place("log of \($0.name), to its end", $0.process.errorLines.joined(separator: "\n")) }
        scene.relay.stop()

        // The secret that was sent in clear is where its sender has put it, and nowhere else.
        let sent = scene.client.seen { journey.clearCommands.contains($0.id ?? "") }.map(\.message)
        let itself = Set(sent.map { "\($0.topic)[\($0.partition)]@\($0.offset)" })
        #expect(itself.count == journey.clearCommands.count)
        let findings = search.findings(in: records + running + told + processes + stopped + logs + journey.said)
        #expect(findings.filter { !($0.canary == scene.secrets.clear.label && itself.contains($0.place)) } == [])
        #expect(Set(findings.map(\.place)) == itself)

        try expectControls(scene, journey, records, running, stopped, told, processes)
        #expect(Set(Topics.all).isSubset(of: topics) && topics.contains("__transaction_state") && topics.contains("__consumer_offsets"))
        for name in ServiceName.domainServices.map(\.rawValue) {
            #expect(stopped.contains { $0.name.hasPrefix("\(name)/shard-") && !$0.bytes.isEmpty }, "the store of \(name)")
            #expect(told.contains { $0.name == "/metrics of \(name)" && $0.bytes.count > 1000 }, "the metrics of \(name)")
            #expect(logs.contains { $0.name.hasPrefix("log of \(name)") && $0.bytes.count > 500 }, "the log of \(name)")
        }
        #expect(watch.rounds > 20)
    }

    /// Every canary went to a partner, or came from one. Some secrets are never sent: what is signed with them is accepted.
    private func expectInUse(_ canaries: [Canary], _ scene: CanaryScene) throws {
        let used = Set(CanarySearch(canaries).findings(in: scene.relay.traffic).map(\.canary))
        let signing = [scene.secrets.merchantERP, scene.secrets.factoryERP, scene.secrets.pinduoduoPlatform].map(\.label)
        for canary in canaries where !signing.contains(canary.label) {
            #expect(used.contains(canary.label), "\(canary.label) was not used")
        }
        let signed = Set(scene.relay.traffic.map(\.name))
        for operation in ["oms.trade.ordercreate", "oms.trade.order.completeDelivery", "pdd.pop.auth.token.create"] {
            #expect(signed.contains("answer \(operation)"), "\(operation) was not called")
        }
    }

    /// What may be seen is found, wherever the canaries are looked for.
    private func expectControls(
        _ scene: CanaryScene, _ journey: CanaryJourney, _ records: [Place], _ running: [Place], _ stopped: [Place], _ told: [Place],
        _ processes: [Place]
    ) throws {
        let remark = CanarySearch([scene.control])
        #expect(remark.findings(in: records).count { $0.form == "as it is" } >= 3)
        #expect(!remark.findings(in: running).isEmpty && !remark.findings(in: stopped).isEmpty)
        let retried = CanarySearch([Canary("order", journey.retried)])
        #expect(retried.findings(in: told).contains { $0.place == "log of shipping" })
        #expect(!CanarySearch([Canary("merchant", scene.cast.merchant)]).findings(in: processes).isEmpty, "daifa import was not seen")
        // Names, phones, towns and streets of four orders, and what has to do with tokens.
        #expect(scene.relay.waiting == [] && scene.relay.repeated >= 12, "\(scene.relay.repeated)")
    }
}
