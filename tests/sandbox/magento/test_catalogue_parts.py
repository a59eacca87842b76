"""Categories, attributes, images and links beyond what was recorded: store views, refusals and edge values."""

import base64
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sandbox.magento.gallery import path_for
from sandbox.magento.rewrites import url_key

NO_ENTITY = "No such entity with %fieldName = %fieldValue"


def category(client: Any, name: str, store: str = "/all", status: int = 200, **fields: Any) -> Any:
    body = {"category": {"name": name, "parent_id": 2, "is_active": True, **fields}}
    answer = client.call("POST", f"{store}/V1/categories", body)
    assert answer.status_code == status, answer.text
    return answer.json()


def custom(record: dict[str, Any]) -> dict[str, Any]:
    return {one["attribute_code"]: one["value"] for one in record["custom_attributes"]}


def names(client: Any, root: int) -> list[str]:
    tree = client.call("GET", f"/V1/categories?rootCategoryId={root}").json()
    return [child["name"] for child in tree["children_data"]]


class TestCategories:
    def test_values_of_a_new_one_are_general_whatever_the_store_view(self, client: Any) -> None:
        number = category(client, "Tuin", store="/fr")["id"]
        assert client.call("GET", f"/nl/V1/categories/{number}?fields=name").json() == {"name": "Tuin"}

    def test_null_takes_a_view_s_own_text_away(self, client: Any) -> None:
        number = category(client, "Tuin", custom_attributes=[{"attribute_code": "description", "value": "Buiten"}])[
            "id"
        ]
        path = f"/fr/V1/categories/{number}"
        for value, shown in (("Dehors", "Dehors"), (None, "Buiten")):
            attribute = {"attribute_code": "description", "value": value}
            answer = client.call("PUT", path, {"category": {"custom_attributes": [attribute]}}).json()
            assert custom(answer)["description"] == shown

    def test_a_name_sent_to_a_view_stays_there_although_it_equals_the_general_one(self, client: Any) -> None:
        number = category(client, "Tuin")["id"]
        for store, name in (("fr", "Tuin"), ("all", "Hof")):
            client.call("PUT", f"/{store}/V1/categories/{number}", {"category": {"name": name}})
        assert client.call("GET", f"/fr/V1/categories/{number}?fields=name").json() == {"name": "Tuin"}
        assert client.call("GET", f"/nl/V1/categories/{number}?fields=name").json() == {"name": "Hof"}

    def test_a_url_key_can_be_given_and_is_cleaned(self, client: Any) -> None:
        attribute = {"attribute_code": "url_key", "value": "Ünser Garten!"}
        assert custom(category(client, "Tuin", custom_attributes=[attribute]))["url_key"] == "unser-garten"

    def test_the_address_follows_the_parents_also_after_a_move(self, client: Any) -> None:
        garden, home = category(client, "Tuin")["id"], category(client, "Huis")["id"]
        spades = category(client, "Spades", parent_id=garden)["id"]
        assert client.call("PUT", f"/V1/categories/{garden}/move", {"parentId": home}).json() is True
        found = client.call("GET", f"/V1/categories/{spades}").json()
        assert custom(found)["url_path"] == "huis/tuin/spades"
        assert (found["level"], found["path"]) == (4, f"1/2/{home}/{garden}/{spades}")

    def test_a_move_without_after_comes_last_and_with_0_first(self, client: Any) -> None:
        numbers = {name: category(client, name)["id"] for name in "ABC"}
        assert names(client, 2) == ["A", "B", "C"]
        client.call("PUT", f"/V1/categories/{numbers['A']}/move", {"parentId": 2})
        assert names(client, 2) == ["B", "C", "A"]
        client.call("PUT", f"/V1/categories/{numbers['C']}/move", {"parentId": 2, "afterId": 0})
        assert names(client, 2) == ["C", "B", "A"]
        client.call("PUT", f"/V1/categories/{numbers['A']}/move", {"parentId": 2, "afterId": numbers["C"]})
        assert names(client, 2) == ["C", "A", "B"]

    def test_a_refused_move_changes_nothing(self, client: Any) -> None:
        garden, home = category(client, "Tuin")["id"], category(client, "Huis")["id"]
        category(client, "Spades", parent_id=home)
        loose = category(client, "Spades")["id"]
        answer = client.call("PUT", f"/V1/categories/{loose}/move", {"parentId": home})
        assert (answer.status_code, answer.json()["message"]) == (400, "Could not move category")
        assert names(client, 2) == ["Tuin", "Huis", "Spades"]
        assert client.call("GET", f"/V1/categories/{garden}").status_code == 200

    def test_a_product_s_address_keeps_a_category_from_it(self, client: Any) -> None:
        client.post_product("schop", name="Tuin")
        assert category(client, "Tuin", status=400)["parameters"] == ["URL key for specified store already exists."]

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("漢字", "Invalid URL key"),
            ("!!!", "Invalid URL key"),
            ("Admin", "matches a reserved endpoint name"),
            ("", "value is empty"),
        ],
    )
    def test_names_that_make_no_address_are_refused(self, client: Any, name: str, reason: str) -> None:
        assert reason in category(client, name, status=400)["parameters"][0]
        assert names(client, 2) == []

    def test_a_store_view_lists_what_is_for_sale_also_from_below(self, client: Any) -> None:
        garden = category(client, "Tuin")["id"]
        below = category(client, "Spades", parent_id=garden)["id"]
        for sku, number, fields in (
            ("a", garden, {}),
            ("b", below, {}),
            ("c", garden, {"status": 2}),
            ("d", garden, {"visibility": 1}),
        ):
            client.post_product(sku, **fields)
            link = {"sku": sku, "position": 3, "category_id": str(number)}
            assert client.call("POST", f"/V1/categories/{number}/products", {"productLink": link}).json() is True
        shown = client.call("GET", f"/nl/V1/categories/{garden}/products").json()
        assert [(one["sku"], one["position"]) for one in shown] == [("a", 3), ("b", 10_003)]
        direct = client.call("GET", f"/all/V1/categories/{garden}/products").json()
        assert [one["sku"] for one in direct] == ["a", "c", "d"]
        tree = client.call("GET", "/V1/categories").json()
        assert [child["product_count"] for child in tree["children_data"]] == [4]

    def test_deleting_one_takes_its_products_out_and_frees_the_address(self, client: Any) -> None:
        garden = category(client, "Tuin")["id"]
        client.post_product("a", extension_attributes={"category_links": [{"category_id": str(garden), "position": 1}]})
        assert client.call("DELETE", f"/V1/categories/{garden}").json() is True
        assert "category_links" not in client.product("a")["extension_attributes"]
        category(client, "Tuin")

    def test_the_depth_limits_the_tree(self, client: Any) -> None:
        category(client, "Spades", parent_id=category(client, "Tuin")["id"])
        assert client.call("GET", "/V1/categories?depth=0").json()["children_data"] == []
        one = client.call("GET", "/V1/categories?depth=1").json()["children_data"]
        assert [(child["name"], child["children_data"]) for child in one] == [("Tuin", [])]
        everything = client.call("GET", "/all/V1/categories").json()
        assert (everything["id"], everything["children_data"][0]["id"]) == (1, 2)

    def test_a_search_by_an_unknown_attribute_is_refused(self, client: Any) -> None:
        one = "searchCriteria[filter_groups][0][filters][0]"
        assert client.call("GET", f"/V1/categories/list?{one}[field]=colour&{one}[value]=x").status_code == 400

    @given(st.text(max_size=30))
    def test_url_keys_are_stable(self, text: str) -> None:
        key = url_key(text)
        assert url_key(key) == key
        assert set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def attribute(client: Any, code: str, status: int = 200, **fields: Any) -> Any:
    body = {"attribute": {"attribute_code": code, "frontend_input": "select", "default_frontend_label": code, **fields}}
    answer = client.call("POST", "/V1/products/attributes", body)
    assert answer.status_code == status, answer.text
    return answer.json()


class TestAttributes:
    def test_a_change_needs_the_id_and_keeps_what_is_not_sent(self, client: Any) -> None:
        made = attribute(
            client, "size", options=[{"label": "S", "value": ""}], frontend_labels=[{"store_id": 3, "label": "Taille"}]
        )
        change = {"attribute_id": made["attribute_id"], "default_frontend_label": "Maat", "frontend_input": "text",
                  "options": [{"label": "M", "value": ""}, {"label": "Small", "value": made["options"][1]["value"]}]}  # fmt: skip
        after = client.call("PUT", "/V1/products/attributes/size", {"attribute": change}).json()
        assert (after["default_frontend_label"], after["frontend_input"]) == ("Maat", "select")
        assert after["frontend_labels"] == [{"store_id": 3, "label": "Taille"}]
        assert [option["label"] for option in after["options"]] == [" ", "M", "Small"]
        assert after["options"][2]["value"] == made["options"][1]["value"]

    def test_changing_an_option_loses_the_labels_of_views_that_are_not_sent(self, client: Any) -> None:
        labels = [{"store_id": 3, "label": "Rouge"}]
        made = attribute(client, "tint", options=[{"label": "Rood", "value": "", "store_labels": labels}])
        path = "V1/products/attributes/tint/options"
        number = made["options"][1]["value"]
        assert client.call("GET", f"/fr/{path}").json()[1]["label"] == "Rouge"
        assert client.call("PUT", f"/{path}/{number}", {"option": {"label": "Vuurrood"}}).json() is True
        assert client.call("GET", f"/fr/{path}").json()[1]["label"] == "Vuurrood"

    @pytest.mark.parametrize(
        ("number", "label", "message"),
        [
            ("0", "x", "The option id is empty. Enter the value and try again."),
            ("999", "x", "The '%1' attribute doesn't include an option id '%2'."),
            ("{first}", " ", "The attribute option label is empty. Enter the value and try again."),
            ("{first}", "blauw", "Admin store attribute option label '%1' is already exists."),
        ],
    )
    def test_changes_of_an_option_that_are_refused(self, client: Any, number: str, label: str, message: str) -> None:
        made = attribute(client, "tint", options=[{"label": "Rood", "value": ""}, {"label": "Blauw", "value": ""}])
        path = f"/V1/products/attributes/tint/options/{number.format(first=made['options'][1]['value'])}"
        answer = client.call("PUT", path, {"option": {"label": label}})
        assert (answer.status_code, answer.json()["message"]) == (400, message)

    def test_a_label_equal_to_an_option_s_number_counts_as_taken(self, client: Any) -> None:
        made = attribute(client, "size", options=[{"label": "S", "value": ""}])
        option = {"option": {"label": made["options"][1]["value"]}}
        assert client.call("POST", "/V1/products/attributes/size/options", option).status_code == 400

    def test_a_deleted_attribute_leaves_the_sets_and_the_products(self, client: Any) -> None:
        attribute(client, "note", frontend_input="text")
        place = {"attributeSetId": 4, "attributeGroupId": 7, "attributeCode": "note", "sortOrder": 1}
        client.call("POST", "/V1/products/attribute-sets/attributes", place)
        client.post_product("a", custom_attributes=[{"attribute_code": "note", "value": "x"}])
        assert custom(client.product("a"))["note"] == "x"
        assert client.call("DELETE", "/V1/products/attributes/note").json() is True
        assert "note" not in custom(client.product("a"))
        assert attribute(client, "note", frontend_input="text")["attribute_code"] == "note"

    @pytest.mark.parametrize("code", ["Groot", "1a", "a-b", "_a", "é"])
    def test_codes_of_other_characters_are_refused(self, client: Any, code: str) -> None:
        assert attribute(client, code, status=400)["parameters"] == {"fieldName": "attribute_code", "value": code}

    def test_a_set_is_copied_with_groups_and_members(self, client: Any) -> None:
        path = "/V1/products/attribute-sets"
        made = client.call(
            "POST", path, {"attributeSet": {"attribute_set_name": "Boor", "sort_order": 3}, "skeletonId": 4}
        ).json()
        members = client.call("GET", f"{path}/{made['attribute_set_id']}/attributes").json()
        original = client.call("GET", f"{path}/4/attributes").json()
        assert [one["attribute_code"] for one in members] == [one["attribute_code"] for one in original]
        assert (
            client.call("DELETE", f"{path}/{made['attribute_set_id']}/attributes/color")
            .json()["message"]
            .startswith('The "%1" attribute wasn\'t')
        )

    def test_groups_with_system_attributes_stay(self, client: Any) -> None:
        path = "/V1/products/attribute-sets/groups"
        assert client.call("DELETE", f"{path}/7").status_code == 400
        own = client.call("POST", path, {"group": {"attribute_group_name": "Eigen", "attribute_set_id": 4}}).json()
        again = client.call("POST", path, {"group": {"attribute_group_name": "eigen", "attribute_set_id": 4}})
        assert again.json()["message"] == "The attributeGroup can't be saved."
        assert client.call("DELETE", f"{path}/{own['attribute_group_id']}").json() is True
        assert client.call("GET", f"{path}/list?searchCriteria").json()["parameters"] == {
            "fieldName": "attribute_set_id"
        }


def picture(color: str = "teal") -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), color).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def entry(name: str = "foto.png", **fields: Any) -> dict[str, Any]:
    content = {"base64_encoded_data": picture(), "type": "image/png", "name": name}
    return {
        "media_type": "image",
        "label": "Foto",
        "position": 1,
        "disabled": False,
        "types": ["image"],
        "content": content,
        **fields,
    }


def upload(client: Any, store: str = "/all", **fields: Any) -> int:
    answer = client.call("POST", f"{store}/V1/products/a/media", {"entry": entry(**fields)})
    assert answer.status_code == 200, answer.text
    return int(answer.json())


def media(client: Any, store: str = "/all") -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = client.call("GET", f"{store}/V1/products/a/media").json()
    return shown


class TestMedia:
    def test_the_first_image_without_roles_gets_all_of_them(self, client: Any) -> None:
        client.post_product("a")
        upload(client, types=[])
        upload(client, name="twee.png", types=[])
        assert [one["types"] for one in media(client)] == [[], ["image", "small_image", "swatch_image", "thumbnail"]]

    def test_an_image_from_one_view_has_its_label_only_there(self, client: Any) -> None:
        client.post_product("a")
        upload(client, store="/fr", label="Photo", position=4, disabled=True)
        assert [(one["label"], one["position"], one["disabled"], one["types"]) for one in media(client, "/fr")] == [
            ("Photo", 4, True, ["image"])
        ]
        assert [(one["label"], one["position"], one["disabled"], one["types"]) for one in media(client)] == [
            (None, 4, False, [])
        ]

    def test_a_put_with_content_replaces_the_file_and_keeps_the_id(self, client: Any) -> None:
        client.post_product("a")
        number = upload(client)
        changed = entry("nieuw.png", id=number)
        assert client.call("PUT", f"/all/V1/products/a/media/{number}", {"entry": changed}).json() is True
        assert [(one["id"], one["file"]) for one in media(client)] == [(number, "/n/i/nieuw.png")]

    @pytest.mark.parametrize(
        "change",
        [{"content": {"base64_encoded_data": "x", "type": "image/png", "name": "a.png"}}, {"types": ["image"]}],
    )
    def test_a_put_without_the_id_in_the_body_finds_nothing(self, client: Any, change: dict[str, Any]) -> None:
        client.post_product("a")
        number = upload(client)
        answer = client.call("PUT", f"/all/V1/products/a/media/{number}", {"entry": {"media_type": "image", **change}})
        assert answer.status_code == 404

    def test_a_bad_picture_in_a_put_leaves_everything_as_it_was(self, client: Any) -> None:
        client.post_product("a")
        number = upload(client)
        bad = entry(
            id=number, label="Anders", content={"base64_encoded_data": "x", "type": "image/png", "name": "a.png"}
        )
        answer = client.call("PUT", f"/all/V1/products/a/media/{number}", {"entry": bad})
        assert (answer.status_code, answer.json()["message"]) == (400, "The product can't be saved.")
        assert media(client)[0]["label"] == "Foto"

    def test_an_empty_gallery_through_one_view_empties_it_for_all(self, client: Any) -> None:
        client.post_product("a")
        upload(client)
        client.call("PUT", "/fr/V1/products/a", {"product": {"media_gallery_entries": []}})
        assert media(client) == []

    def test_the_product_replaces_its_list_of_images(self, client: Any) -> None:
        client.post_product("a")
        first, second = upload(client), upload(client, name="twee.png", types=[])
        kept = {
            "id": second,
            "media_type": "image",
            "label": "Twee",
            "position": 5,
            "disabled": False,
            "types": ["image"],
        }
        client.call(
            "PUT", "/all/V1/products/a", {"product": {"media_gallery_entries": [kept, entry("drie.png", types=[])]}}
        )
        shown = {one["id"]: one["types"] for one in media(client)}
        assert first not in shown
        assert shown[second] == ["image"]
        assert len(shown) == 2

    @pytest.mark.parametrize(
        ("name", "path"),
        [
            ("Foto.PNG", "/f/o/foto.png"),
            ("é x.png", "/_/x/_x.png"),
            (".png", "/_/p/.png.png"),
            ("a.png", "/a/_/a.png"),
            ("漢.png", "/f/i/file.png"),
        ],
    )
    def test_where_files_go(self, name: str, path: str) -> None:
        assert path_for(name, "image/png") == path

    def test_files_are_served_as_they_were_sent(self, client: Any) -> None:
        client.post_product("a")
        upload(client)
        answer = client.session.get(f"{client.shop.url}/media/catalog/product/f/o/foto.png", timeout=5)
        assert answer.content == base64.b64decode(picture())


class TestLinks:
    def link(self, client: Any, status: int = 200, **fields: Any) -> Any:
        item = {
            "sku": "a",
            "link_type": "related",
            "linked_product_sku": "b",
            "linked_product_type": "simple",
            "position": 1,
            **fields,
        }
        answer = client.call("POST", "/V1/products/a/links", {"items": [item]})
        assert answer.status_code == status, answer.text
        return answer.json()

    @pytest.fixture(autouse=True)
    def two_products(self, client: Any) -> None:
        client.post_product("a")
        client.post_product("b")

    def shown(self, client: Any) -> list[tuple[str, int]]:
        return [
            (one["linked_product_sku"], one["position"])
            for one in client.call("GET", "/V1/products/a/links/related").json()
        ]

    def test_skus_match_in_any_case_and_come_back_as_stored(self, client: Any) -> None:
        self.link(client, linked_product_sku="B")
        assert self.shown(client) == [("b", 1)]

    def test_a_link_without_a_kind_is_refused_by_name(self, client: Any) -> None:
        assert self.link(client, status=400, link_type=None)["parameters"] == {"fieldName": "linkType"}

    def test_one_bad_item_stores_none(self, client: Any) -> None:
        items = [
            {"sku": "a", "link_type": "related", "linked_product_sku": sku, "position": 1} for sku in ("b", "nope")
        ]
        assert client.call("POST", "/V1/products/a/links", {"items": items}).status_code == 400
        assert self.shown(client) == []

    @pytest.mark.parametrize(
        ("change", "status"), [({"linked_product_sku": "nope"}, 404), ({"link_type": "other"}, 400)]
    )
    def test_a_put_that_is_refused(self, client: Any, change: dict[str, Any], status: int) -> None:
        entity = {"link_type": "related", "linked_product_sku": "b", "position": 1, **change}
        assert client.call("PUT", "/V1/products/a/links", {"entity": entity}).status_code == status

    def test_the_sku_in_the_path_counts_for_a_put(self, client: Any) -> None:
        entity = {"sku": "b", "link_type": "related", "linked_product_sku": "b", "position": 2}
        client.call("PUT", "/V1/products/a/links", {"entity": entity})
        assert self.shown(client) == [("b", 2)]
