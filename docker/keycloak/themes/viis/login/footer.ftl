<#-- The foot of Keycloak's login box. Here: the way to our own password page, and the languages as plain links,
     because the parent's language list needs JavaScript. -->
<#macro content>
<div id="viis-footer">
  <#if pageId?? && pageId?starts_with("login") && !(pageId?starts_with("login-update"))>
    <p><a id="viis-reset" href="${properties.viisBaseUrl}/reset?lang=${lang}">${msg("doForgotPassword")}</a></p>
  </#if>
  <#if realm.internationalizationEnabled && locale?? && locale.supported?size gt 1>
    <ul id="viis-languages" aria-label="${msg("languages")}">
      <#list locale.supported as l>
        <li>
          <#if l.languageTag == locale.currentLanguageTag>
            <span aria-current="true" lang="${l.languageTag}">${l.label}</span>
          <#else>
            <a href="${l.url}" lang="${l.languageTag}" hreflang="${l.languageTag}">${l.label}</a>
          </#if>
        </li>
      </#list>
    </ul>
  </#if>
</div>
</#macro>
