"""The locales of Faker whose names are written with Latin letters."""

LOCALES = (
    "en_US en_GB en_IE en_IN en_NZ en_NG yo_NG ig_NG ha_NG zu_ZA tw_GH de_DE de_AT de_CH fr_FR fr_CA "
    "fr_BE es_ES es_MX es_AR es_CO es_CL it_IT nl_NL nl_BE pt_PT pt_BR pl_PL cs_CZ sk_SK sv_SE no_NO "
    "da_DK fi_FI hu_HU ro_RO tr_TR hr_HR sl_SI lt_LT lv_LV et_EE vi_VN id_ID az_AZ ga_IE en_PK en_KE"
).split()
