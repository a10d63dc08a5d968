package org.elasticsearch.xpack.security;

import org.elasticsearch.common.settings.Settings;

import java.util.List;

/** x-pack's security without its SAML actions, whose libraries are not on Maven Central. */
public class SecurityWithoutSaml extends Security {
    public SecurityWithoutSaml(Settings settings) {
        super(settings);
    }

    @Override
    public List<ActionHandler> getActions() {
        return super.getActions().stream().filter(a -> a.getTransportAction().getSimpleName().contains("Saml") == false).toList();
    }
}
