import HTTP
import Texts
import Threads
import Web

/// All services: the first thing that fails on top.
struct ServicesView {
    let frame: PageFrame
    let replicas: [ServiceReplica]
    let now: Timestamp

    var response: HTTPResponse {
        let say = frame.say
        let chain = ServiceChain(replicas)
        return frame.page(say("services.title"), screen: "services", actions: a(say("table.refresh"), .class("button"), .href(frame.here)))
        {
            p(.class("fresh")) {
                HTML("\(say("services.refresh")) ")
                frame.time(now)
            }
            if replicas.allSatisfy({ $0.instance == nil }) {
                frame.message(say("services.empty"), style: "bad")
            } else {
                summary(chain)
                links(chain)
                table
            }
        }
    }

    private func summary(_ chain: ServiceChain) -> HTML {
        let say = frame.say
        if let failure = chain.failure {
            return frame.message(say("services.first", ["name": say("services.chain.\(failure.rawValue)")]), style: "bad")
        }
        let isSlow = chain.links.contains { $0.state == .slow }
        return isSlow ? frame.message(say("state.service.slow"), style: "warn") : frame.message(say("services.ok"))
    }

    private func links(_ chain: ServiceChain) -> HTML {
        ol(.class("steps")) {
            chain.links.map { entry in
                li(.class("done").when(entry.state == .ready), .aria("current", "step").when(entry.state == .notReady)) {
                    div {
                        strong(frame.say("services.chain.\(entry.link.rawValue)"))
                        HTML(" ")
                        frame.serviceBadge(entry.state.rawValue)
                        if !entry.replicas.isEmpty { span(.class("under")) { frame.number(entry.replicas.joined(separator: ", ")) } }
                    }
                }
            }
        }
    }

    private var table: HTML {
        let say = frame.say
        return frame.tableRegion(say("services.caption"), head: ["service", "instance", "state", "lag", "outbox", "effects"]) {
            replicas.map { replica in
                tr {
                    td(.class("stay")) {
                        let name = say.has("service.\(replica.service)") ? say("service.\(replica.service)") : replica.service
                        a(name, .href(frame.link("services", replica.service)))
                    }
                    td { if let instance = replica.instance { frame.number(instance) } }
                    td { frame.state(of: replica) }
                    td(frame.language.grouped(replica.lag), .class("figure"))
                    td(frame.language.grouped(replica.outbox), .class("figure"))
                    td { frame.effects(of: replica) }
                }
            }
        }
    }
}

/// One service, with the lag of each shard.
struct ServiceView {
    let frame: PageFrame
    let service: String
    let replicas: [ServiceReplica]

    var response: HTTPResponse {
        let say = frame.say
        let name = say.has("service.\(service)") ? say("service.\(service)") : service
        return frame.page(say("service.title", ["name": name]), screen: "services") {
            p { a(say("app.back.to", ["page": say("services.title")]), .href(frame.link("services"))) }
            replicas.map { card($0) }
        }
    }

    private func card(_ replica: ServiceReplica) -> HTML {
        let say = frame.say
        return section(.class("card")) {
            header {
                h2(replica.instance ?? say("app.none"), .translate(false))
                frame.state(of: replica)
            }
            if let at = replica.at {
                p {
                    HTML(say("services.stale", ["time": frame.zone?.text(at) ?? at.description]))
                }
            }
            dl(.class("facts")) {
                dt(say("column.outbox"))
                dd(frame.language.grouped(replica.outbox))
                dt(say("column.effects"))
                dd { frame.effects(of: replica) }
            }
            if !replica.shards.isEmpty {
                frame.tableRegion(say("service.shards.caption"), head: ["shard", "lag"]) {
                    replica.shards.map { entry in
                        tr {
                            td("\(entry.shard)", .class("figure"))
                            td(frame.language.grouped(entry.lag), .class("figure"))
                        }
                    }
                }
            }
        }
    }
}

extension PageFrame {
    fileprivate func serviceBadge(_ state: String) -> HTML {
        let colour =
            switch state {
            case "ready": "good"
            case "slow": "warn"
            case "halted": "quiet"
            default: "bad"
            }
        return span(say("state.service.\(state)"), .class("badge \(colour)"))
    }

    /// The reason is the service's own, in English: it is for who looks into its log.
    fileprivate func state(of replica: ServiceReplica) -> HTML {
        HTML {
            serviceBadge(replica.instance == nil ? "gone" : replica.isReady ? "ready" : "notReady")
            if let reason = replica.reason { span(reason, .class("under"), .lang("en"), .translate(false)) }
        }
    }

    fileprivate func effects(of replica: ServiceReplica) -> HTML {
        HTML {
            replica.effects.filter { $0.count > 0 }.map { entry in
                div("\(say("services.effects.\(entry.state)")) \(language.grouped(entry.count))")
            }
        }
    }
}
