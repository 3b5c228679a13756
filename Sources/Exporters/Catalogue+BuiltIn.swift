extension Catalogue {
  /// The exporters that everybody can name in `exporters`, and servers that bring an exposition of their own.
  ///
  /// A request is the metrics path unless a cheaper one is known; none names a further machine to ask, none changes
  /// anything. A proof stands in every answer, also while what the exporter watches is down, unless a comment says
  /// otherwise. Tests/ExportersTests/README.md tells how each was tried.
  package static let builtIn = Catalogue([
    Exporter("alertmanager", ports: [9093], proofs: ["alertmanager_build_info"]),
    Exporter("alloy", ports: [12345], proofs: ["alloy_build_info"]),
    Exporter("apache_exporter", ports: [9117], proofs: ["apache_exporter_build_info"]),
    Exporter("bind_exporter", ports: [9119], proofs: ["bind_exporter_build_info"]),
    // While BIRD is down, 1.4.1 and older answer with nothing at all.
    Exporter("bird_exporter", ports: [9324], proofs: ["bird_socket_query_success", "bird_protocol_up"]),
    Exporter("blackbox_exporter", ports: [9115], proofs: ["blackbox_exporter_build_info"]),
    // 2.6 counts a request once it is answered, and has nothing else of its own: its first answer after a start proves
    // nothing.
    Exporter(
      "caddy", ports: [2019], proofs: ["caddy_config_last_reload_successful", "caddy_admin_http_requests_total"]),
    // A kubelet has the same family, but not on its /metrics.
    Exporter(
      "cadvisor", ports: [8080], proofs: ["cadvisor_version_info"],
      version: .init("cadvisorVersion", of: "cadvisor_version_info")),
    // The active manager's; `ceph_health_status` is in another exporter too.
    Exporter("ceph", ports: [9283], proofs: ["ceph_mgr_status", "ceph_mgr_metadata"]),
    Exporter("chrony_exporter", ports: [9123], proofs: ["chrony_exporter_build_info"]),
    Exporter("clickhouse", ports: [9363], proofs: ["ClickHouseProfileEvents_Query", "ClickHouseMetrics_Query"]),
    // Not collectd's own write_prometheus on the same port: that one names itself in a comment only.
    Exporter("collectd_exporter", ports: [9103], proofs: ["collectd_exporter_build_info"]),
    Exporter("consul_exporter", ports: [9107], proofs: ["consul_exporter_build_info", "consul_up"]),
    Exporter("coredns", ports: [9153], proofs: ["coredns_build_info"]),
    Exporter("crowdsec", ports: [6060], proofs: ["cs_info"]),
    // One family for each chosen counter: all three are in the list that comes with it.
    Exporter(
      "dcgm_exporter", ports: [9400],
      proofs: ["DCGM_FI_DEV_SM_CLOCK", "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_FB_USED"],
      nodename: .init("Hostname", of: "DCGM_FI_DEV_SM_CLOCK")),
    Exporter("dnsdist", ports: [8083], proofs: ["dnsdist_info", "dnsdist_uptime"]),
    // Counts leases also while dnsmasq does not answer.
    Exporter("dnsmasq_exporter", ports: [9153], proofs: ["dnsmasq_leases", "dnsmasq_cachesize"]),
    Exporter("docker", ports: [9323], proofs: ["engine_daemon_engine_info"]),
    Exporter("elasticsearch_exporter", ports: [9114], proofs: ["elasticsearch_exporter_build_info"]),
    // All of its statistics can be megabytes; the filter is matched with Envoy's own names (admin interface, /stats).
    Exporter(
      "envoy", ports: [9901], metricsPath: "/stats/prometheus", request: "/stats/prometheus?filter=%5Eserver%5C.",
      proofs: ["envoy_server_live", "envoy_server_uptime"]),
    Exporter(
      "etcd", ports: [2379], proofs: ["etcd_server_version", "etcd_server_has_leader"],
      version: .init("server_version", of: "etcd_server_version")),
    // Its one family is called `build_info`, as in other software: it is known only once it has passed a scrape on.
    Exporter(
      "exporter_exporter", ports: [9999], proofs: ["expexp_proxy_duration_seconds_count"],
      version: .init("version", of: "build_info")),
    Exporter(
      "fail2ban_exporter", ports: [9191], proofs: ["f2b_version", "f2b_up"],
      version: .init("exporter", of: "f2b_version")),
    Exporter(
      "fluent_bit", ports: [2020], metricsPath: "/api/v1/metrics/prometheus",
      proofs: ["fluentbit_build_info", "fluentbit_uptime"], nodename: .init("hostname", of: "fluentbit_build_info")),
    Exporter("frr_exporter", ports: [9342], proofs: ["frr_exporter_build_info"]),
    Exporter("gitlab_runner", ports: [9252], proofs: ["gitlab_runner_version_info"]),
    Exporter("grafana", ports: [3000], proofs: ["grafana_build_info"]),
    Exporter("graphite_exporter", ports: [9108], proofs: ["graphite_exporter_build_info"]),
    Exporter("ha_cluster_exporter", ports: [9664], proofs: ["ha_cluster_scrape_success"]),
    // HAProxy's own, on the ports of its documentation. Not `haproxy_process_start_time_seconds`: haproxy_exporter can
    // tell that of HAProxy's process too.
    Exporter(
      "haproxy", ports: [8404, 8405], request: "/metrics?scope=global",
      proofs: ["haproxy_process_build_info", "haproxy_process_nbthread"]),
    Exporter("haproxy_exporter", ports: [9101], proofs: ["haproxy_exporter_build_info"]),
    Exporter("homeplug_exporter", ports: [9702], proofs: ["homeplug_exporter_build_info"]),
    // Version 1 has nothing of its own.
    Exporter("influxdb", ports: [8086], proofs: ["influxdb_info"]),
    Exporter("influxdb_exporter", ports: [9122], proofs: ["influxdb_exporter_build_info"]),
    Exporter("ipmi_exporter", ports: [9290], proofs: ["ipmi_up", "ipmi_scrape_duration_seconds"]),
    Exporter("jmx_exporter", ports: [9404], proofs: ["jmx_exporter_build_info", "jmx_scrape_error"]),
    // Its build_info stands behind those of all consumer groups.
    Exporter("kafka_exporter", ports: [9308], proofs: ["kafka_exporter_build_info", "kafka_brokers"]),
    Exporter("keepalived_exporter", ports: [9165], proofs: ["keepalived_exporter_build_info", "keepalived_up"]),
    // `kubernetes_build_info` is in every component of Kubernetes: it tells the version, and proves nothing.
    Exporter(
      "kubelet", ports: [10250], scheme: .https, proofs: ["kubelet_node_name"],
      version: .init("git_version", of: "kubernetes_build_info"), nodename: .init("node", of: "kubelet_node_name")),
    Exporter("libvirt_exporter", ports: [9177], proofs: ["libvirt_up"]),
    Exporter("loki", ports: [3100], proofs: ["loki_build_info"]),
    Exporter("memcached_exporter", ports: [9150], proofs: ["memcached_exporter_build_info", "memcached_up"]),
    Exporter(
      "minio", ports: [9000], metricsPath: "/minio/v2/metrics/cluster",
      proofs: ["minio_software_version_info", "minio_cluster_capacity_raw_total_bytes"]),
    // Not every version has the first.
    Exporter("mongodb_exporter", ports: [9216], proofs: ["mongodb_exporter_build_info", "mongodb_up"]),
    // mqtt2prometheus.
    Exporter("mqtt_exporter", ports: [9641], proofs: ["mqtt2prometheus_connected"]),
    Exporter("mtail", ports: [3903], proofs: ["mtail_build_info"]),
    // Its build_info stands behind all of MySQL's.
    Exporter(
      "mysqld_exporter", ports: [9104],
      proofs: [
        "mysqld_exporter_build_info", "mysql_exporter_collector_duration_seconds", "mysql_exporter_scrapes_total",
      ]),
    // It averages since the same reader last asked: so we give a name of our own, and ask for none of its charts.
    // Prometheus needs `params: {format: [prometheus]}` to scrape it.
    Exporter(
      "netdata", ports: [19999], metricsPath: "/api/v1/allmetrics",
      request: "/api/v1/allmetrics?format=prometheus&server=subnet-sd&filter=none", proofs: ["netdata_info"],
      nodename: .init("instance", of: "netdata_info")),
    Exporter("nextcloud_exporter", ports: [9205], proofs: ["nextcloud_exporter_info", "nextcloud_up"]),
    // Older versions write `nginxexporter`.
    Exporter(
      "nginx_exporter", ports: [9113], proofs: ["nginx_exporter_build_info", "nginxexporter_build_info", "nginx_up"]),
    // Asked for the one cheap collector `uname`, some 64 lines. Where that is switched off the answer is a 400 that
    // names it, in words only this exporter uses (node_exporter.go, innerHandler).
    Exporter(
      "node_exporter", ports: [9100], request: "/metrics?collect%5B%5D=uname", proofs: ["node_exporter_build_info"],
      nodename: .init("nodename", of: "node_uname_info"),
      refusalWords: ["Couldn't create filtered metrics handler", "disabled collector: uname"]),
    Exporter("nvidia_gpu_exporter", ports: [9835], proofs: ["nvidia_gpu_exporter_build_info"]),
    Exporter("pdns", ports: [8081], proofs: ["pdns_auth_uptime"]),
    Exporter("pdns_recursor", ports: [8082], proofs: ["pdns_recursor_uptime"]),
    // The one in Go, then the one in Python that Debian has.
    Exporter(
      "pgbouncer_exporter", ports: [9127], proofs: ["pgbouncer_exporter_build_info", "pgbouncer_free_servers"]),
    // PHP-FPM itself has a `phpfpm_up` too.
    Exporter("php_fpm_exporter", ports: [9253], proofs: ["phpfpm_scrape_failures"]),
    Exporter("postfix_exporter", ports: [9154], proofs: ["postfix_cleanup_messages_processed_total", "postfix_up"]),
    Exporter(
      "postgres_exporter", ports: [9187], proofs: ["postgres_exporter_build_info", "pg_exporter_last_scrape_error"]),
    Exporter(
      "process_exporter", ports: [9256],
      // The first is there without any process, the other early with many.
      proofs: ["namedprocess_scrape_errors", "namedprocess_namegroup_cpu_seconds_total"],
      version: .init("version", of: "process_exporter_build_info")),
    Exporter("prometheus", ports: [9090], proofs: ["prometheus_build_info"]),
    Exporter("promtail", ports: [9080], proofs: ["promtail_build_info"]),
    Exporter("pushgateway", ports: [9091], proofs: ["pushgateway_build_info"]),
    // RabbitMQ's own plugin.
    Exporter(
      "rabbitmq", ports: [15692], proofs: ["rabbitmq_build_info", "rabbitmq_identity_info"],
      version: .init("rabbitmq_version", of: "rabbitmq_build_info")),
    Exporter("rabbitmq_exporter", ports: [9419], proofs: ["rabbitmq_exporter_build_info"]),
    Exporter("redis_exporter", ports: [9121], proofs: ["redis_exporter_build_info"]),
    Exporter("rspamd", ports: [11334], proofs: ["rspamd_build_info"]),
    // `smartctl_version` is the version of smartctl.
    Exporter("smartctl_exporter", ports: [9633], proofs: ["smartctl_devices", "smartctl_version"]),
    Exporter("smokeping_prober", ports: [9374], proofs: ["smokeping_prober_build_info"]),
    Exporter("snmp_exporter", ports: [9116], proofs: ["snmp_exporter_build_info"]),
    // Two programs of one name, each with its port.
    Exporter("sql_exporter", ports: [9237, 9399], proofs: ["sql_exporter_build_info"]),
    Exporter("squid_exporter", ports: [9301], proofs: ["squid_exporter_build_info"]),
    Exporter("statsd_exporter", ports: [9102], proofs: ["statsd_exporter_build_info"]),
    Exporter("synapse", ports: [9000], metricsPath: "/_synapse/metrics", proofs: ["synapse_build_info"]),
    Exporter("systemd_exporter", ports: [9558], proofs: ["systemd_exporter_build_info"]),
    Exporter("tempo", ports: [3200], proofs: ["tempo_build_info"]),
    Exporter("thanos", ports: [10902], proofs: ["thanos_build_info"]),
    Exporter("traefik", ports: [8080], proofs: ["traefik_config_last_reload_success", "traefik_config_reloads_total"]),
    Exporter("trafficserver_exporter", ports: [9122], proofs: ["trafficserver_scrape_duration_seconds"]),
    Exporter("unbound_exporter", ports: [9167], proofs: ["unbound_up"]),
    Exporter("varnish_exporter", ports: [9131], proofs: ["varnish_up"]),
    // The store, alone or as vmstorage. `vm_app_version` is in every program of the family.
    Exporter(
      "victoriametrics", ports: [8428, 8482], proofs: ["vm_data_size_bytes", "vm_active_merges"],
      version: .init("short_version", of: "vm_app_version")),
    Exporter(
      "vmagent", ports: [8429], proofs: ["vmagent_http_request_errors_total", "vmagent_http_requests_total"],
      version: .init("short_version", of: "vm_app_version")),
    Exporter(
      "vmalert", ports: [8880], proofs: ["vmalert_config_last_reload_successful"],
      version: .init("short_version", of: "vm_app_version")),
    // Asked for the one collector that tells the machine's name; older versions tell it in `cs`.
    Exporter(
      "windows_exporter", ports: [9182], request: "/metrics?collect%5B%5D=os", proofs: ["windows_exporter_build_info"],
      nodename: .init("hostname", of: "windows_os_hostname")),
    Exporter("zfs_exporter", ports: [9134], proofs: ["zfs_exporter_build_info"]),
  ])
}
