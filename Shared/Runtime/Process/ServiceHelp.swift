import Contracts

/// `--help` of a service.
enum ServiceHelp {
    static func text(_ description: ServiceDescription) -> String {
        """
        daifa-\(description.name.rawValue) \(ServiceProcess.version)
        The \(description.name.rawValue) service of Daifa: reads \(description.inputs.joined(separator: ", ")).

        Usage: daifa-\(description.name.rawValue) [--check | --version | --help]

          --check     checks the configuration and the connections, then ends
          --version   prints the version
          --help      prints this

        Settings (environment):
          KAFKA_BOOTSTRAP_SERVERS  brokers (127.0.0.1:9092)
          KAFKA_<PROPERTY>         any librdkafka property, dots as underscores
          DAIFA_STORE              sqlite:<folder> (sqlite:./data/\(description.name.rawValue))
          DAIFA_PARTITIONS         partitions of every topic (6)
          DAIFA_REPLICATION        replication of topics that are created (1)
          DAIFA_CREATE_TOPICS      true: missing topics are created; false: they must exist (true)
          DAIFA_INSTANCE           name of this replica (\(description.name.rawValue)-<host name>)
          DAIFA_HTTP_PORT          health and metrics; 0: off (0)
          DAIFA_AUTH               off, or required: commands need tokens (off)
          DAIFA_AUTH_KEYS          a JWKS file with Ed25519 keys
          DAIFA_SEAL_KEY_FILE      private key of what is sealed for this service (made in the store folder)
          DAIFA_DEDUP_RETENTION    how long ids of answered messages are remembered (7d)
          DAIFA_LOG_LEVEL          trace, debug, info, notice, warning, error or critical (info)

        Exit: 0 after SIGTERM or SIGINT, 64 wrong arguments, 70 a mistake of ours, 78 wrong configuration.

        Example:
          KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9092 DAIFA_STORE=sqlite:/var/lib/daifa/\(description.name.rawValue) daifa-\(description.name.rawValue)
        """
    }
}
