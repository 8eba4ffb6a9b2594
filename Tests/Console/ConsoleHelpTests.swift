import ConsoleConfiguration
import Contracts
import Identity
import Testing

@testable import Console
@testable import Runtime

@Suite struct ConsoleHelpTests {
    @Test func helpNamesTheConsolesOwnSettings() {
        let help = ServiceHelp.text(EdgeDescription(.console, resources: ConsoleResources.self, summary: "", topics: [], tables: []))
        #expect(ConsoleSettings.table.count > 3)
        for setting in ConsoleSettings.table { #expect(help.contains("  \(setting.name) "), "\(setting.name)") }
    }

    private func settings(_ environment: [String: String]) throws -> ConsoleSettings {
        try Configuration(
            service: .console, environment: environment.merging(["KAFKA_BOOTSTRAP_SERVERS": "k:9092"]) { $1 }, hostName: "h",
            groups: [ConsoleSettings.self]
        ).group(ConsoleSettings.self)
    }

    @Test func aProviderNeedsAnIssuerAndAClient() throws {
        #expect(try settings([:]).provider(publicURL: "https://d.example", secret: nil) == nil)
        let named = ["DAIFA_OIDC_ISSUER": "https://login.example/tenant/", "DAIFA_OIDC_CLIENT_ID": "daifa"]
        let provider = try #require(try settings(named).provider(publicURL: "https://d.example", secret: "s"))
        // It is compared letter by letter with what the provider says of itself.
        #expect(provider.issuer == "https://login.example/tenant/" && provider.redirectURL == "https://d.example/oidc/callback")
        #expect(provider.actorsClaim == "daifa_actors" && provider.usesPKCE && provider.clientSecret == "s")
        for (wrong, name) in [
            (["DAIFA_OIDC_ISSUER": "https://login.example"], "DAIFA_OIDC_CLIENT_ID"),
            (named.merging(["DAIFA_OIDC_ISSUER": "http://login.example"]) { $1 }, "DAIFA_OIDC_ISSUER"),
            (named.merging(["DAIFA_OIDC_ISSUER": "https://login.example?x"]) { $1 }, "DAIFA_OIDC_ISSUER"),
            (named.merging(["DAIFA_OIDC_PKCE": "maybe"]) { $1 }, "DAIFA_OIDC_PKCE"),
        ] {
            let error = try #require(throws: ConfigurationError.self) { _ = try settings(wrong) }
            #expect(error.description.hasPrefix(name), "\(error)")
        }
    }
}
