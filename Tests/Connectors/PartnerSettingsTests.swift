import Contracts
import Foundation
import Machines
import PartnerEffects
import Partners
import Runtime
import TestSupport
import Testing

@Suite struct PartnerSettingsTests {
    private static func read(_ name: String, _ value: String) throws(ConfigurationError) -> PartnerSettings {
        try read(["DAIFA_PARTNER_\(name)": value])
    }

    private static func read(_ environment: [String: String], of service: ServiceName = .authorization) throws(ConfigurationError)
        -> PartnerSettings
    {
        try Configuration(service: service, environment: environment, hostName: "h", groups: [PartnerSettings.self]).group(
            PartnerSettings.self)
    }

    @Test(arguments: [
        "http://127.0.0.1:9600", "http://localhost:9600/base", "http://[::1]:9600", "http://127.1.2.3", "https://jd.example/",
    ])
    func anAddressIsSecureOrOnLoopback(url: String) throws {
        #expect(try Self.read("JD_OAUTH_URL", url).jdOAuthURL == (url.hasSuffix("/") ? String(url.dropLast()) : url))
    }

    @Test(
        arguments: [
            "http://localhost.evil.example", "http://127.evil.example", "http://127.0.0.1.evil.example", "http://[::1].evil.example",
            "http://127.0.0.256", "http://jd.example", "ftp://jd.example",
            "http://localhost:x@evil.example", "http://127.0.0.1@evil.example", "http://localhost\\.evil.example", "jd.example", "https://",
            "https://jd.example?a=b", "https://jd .example",
        ])
    func anotherIsRefused(url: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.read("JD_OAUTH_URL", url) }
        #expect(error.map { "\($0)".contains("DAIFA_PARTNER_JD_OAUTH_URL") } == true)
    }

    @Test func theSecretOfAnApplicationIsReadByAuthorizationAlone() throws {
        let file = try TemporaryFile("secret\n")
        defer { withExtendedLifetime(file) {} }
        let environment = ["DAIFA_PARTNER_JD_APP_KEY": "key", "DAIFA_PARTNER_JD_APP_SECRET_FILE": file.path]
        let application = try #require(try Self.read(environment).jd)
        #expect(application.appKey == "key" && application.appSecret == "secret")
        let elsewhere = environment.merging(["DAIFA_PARTNER_JD_APP_SECRET_FILE": "/run/secrets/not-mounted"]) { $1 }
        for service in ServiceName.allCases where service != .authorization { #expect(try Self.read(elsewhere, of: service).jd == nil) }
        let missing = #expect(throws: ConfigurationError.self) { try Self.read(elsewhere) }
        #expect(missing?.description.contains("DAIFA_PARTNER_JD_APP_SECRET_FILE") == true)
        #expect(missing?.description.contains("not-mounted") == true)
        for half in environment { #expect(throws: ConfigurationError.self) { try Self.read([half.key: half.value]) } }
    }

    @Test func consentsAreGivenOnThePagesThatAreSet() throws {
        let consents = try Self.read(["DAIFA_PARTNER_JD_OAUTH_URL": "http://127.0.0.1:9600", "DAIFA_PARTNER_JD_ISV_SOURCE": "ISV1"])
            .consents
        #expect(
            consents.jos.url(appKey: "k", state: "s", redirectURI: "https://a.example/b")
                == "http://127.0.0.1:9600/oauth2/to_login?app_key=k&response_type=code&redirect_uri=https%3A%2F%2Fa.example%2Fb&state=s"
                + "&scope=snsapi_base")
        #expect(consents.isc.url(appKey: "k", state: "s", redirectURI: "r").hasPrefix("https://oauth.jdl.com/oauth/authorize?client_id=k&"))
        #expect(
            consents.pinduoduo.url(appKey: "k", state: "s", redirectURI: "r")
                .hasPrefix("https://fuwu.pinduoduo.com/service-market/auth?response_type=code&client_id=k&"))
        #expect(consents.jdISVSource == "ISV1" && consents.jdAppKey == nil)
    }

    @Test func pausesBetweenQuestions() throws {
        #expect(try Self.read([:], of: .shipping).askPauses == [1, 3, 9])
        #expect(try Self.read(["DAIFA_ASK_PAUSES": "0.5, 2"], of: .shipping).askPauses == [0.5, 2])
        for (text, part) in [("1,,3", "\"\""), ("1,x", "\"x\""), ("-1", "\"-1\""), ("601", "\"601\""), ("nan", "\"nan\"")] {
            let error = #expect(throws: ConfigurationError.self) { try Self.read(["DAIFA_ASK_PAUSES": text], of: .shipping) }
            #expect(error.map { "\($0)".contains("DAIFA_ASK_PAUSES") && "\($0)".hasSuffix(part) } == true, "\(text)")
        }
        let many = Array(repeating: "1", count: 11).joined(separator: ",")
        #expect(throws: ConfigurationError.self) { try Self.read(["DAIFA_ASK_PAUSES": many], of: .shipping) }
    }

    @Test func whatHasNoMeaningIsTold() throws {
        let environment = ["DAIFA_PARTNER_JD_TIMEOUT": "3", "DAIFA_PARTNER_JD_RATE": "3", "DAIFA_ASK_PAUSES": "1"]
        let caller = try Configuration(service: .waybill, environment: environment, hostName: "h", groups: [PartnerSettings.self])
        #expect(caller.unknown == ["DAIFA_PARTNER_JD_RATE"])
        // A process that calls nobody has no word in it.
        #expect(try Configuration(service: .binding, environment: environment, hostName: "h").unknown == [])
    }

    @Test func ratesAndQuotaCodes() throws {
        #expect(try Self.read("JD_RATES", "*=20").jdRates == CallRates(others: .init(total: 20)))
        #expect(try Self.read("PINDUODUO_QUOTA_CODES", "4242, 4343").pinduoduoQuotaCodes == ["4242", "4343"])
        #expect(try Self.read("JD_QUOTA_CODES", "2").jdQuotaCodes == ["2"])
        #expect(try Self.read("JACKYUN_QUOTA_CODES", "0130/A.b-c_D").jackyunQuotaCodes == ["0130/A.b-c_D"])
        let wrong = #expect(throws: ConfigurationError.self) { try Self.read("PINDUODUO_QUOTA_CODES", "4242,50001=x") }
        #expect(wrong.map { "\($0)".contains("DAIFA_PARTNER_PINDUODUO_QUOTA_CODES") && "\($0)".contains("\"50001=x\"") } == true)
        let error = #expect(throws: ConfigurationError.self) { try Self.read("JACKYUN_RATES", "*=fast") }
        #expect(error.map { "\($0)".contains("DAIFA_PARTNER_JACKYUN_RATES") && "\($0)".contains("*=fast") } == true)
    }
}
