import Contracts
import Testing

@testable import Runtime

/// Credentials in the memory of a service.
@Suite struct CredentialTests {
    @Test("An opened credential goes with its row, though nobody asks for it again") func forgotten() throws {
        let scene = try ConnectorScene(.shipping)
        try scene.channel("C-1", .pinduoduo, merchant: "m")
        let row = try #require(scene.tables.credential("auth-C-1", .shipping))
        let loaded = try #require(scene.environment.credential("auth-C-1"))
        #expect(scene.tables.opened(row)?.credential == loaded.credential)
        #expect(scene.environment.authorizations(of: "test", appKey: "key").values.map { $0 } == [["auth-C-1"]])
        #expect(scene.environment.authorizations(of: "other", appKey: "key").isEmpty)
        scene.forget(row)
        #expect(scene.tables.opened(row) == nil)
        #expect(scene.environment.credential("auth-C-1") == nil)
        #expect(scene.environment.authorizations(of: "test", appKey: "key").isEmpty)
        // What was being opened while its row went is not kept.
        scene.tables.keep(loaded, of: row)
        #expect(scene.tables.opened(row) == nil)
    }

    @Test("A newer row is opened anew") func replaced() throws {
        let scene = try ConnectorScene(.shipping)
        try scene.channel("C-1", .pinduoduo, merchant: "m")
        #expect(scene.environment.credential("auth-C-1")?.credential.accessToken == "token-1")
        try scene.credential(of: "C-1", version: 2)
        #expect(scene.environment.credential("auth-C-1")?.credential.accessToken == "token-2")
        #expect(scene.environment.authorizations(of: "test", appKey: "key").values.map { $0 } == [["auth-C-1"]])
    }
}
